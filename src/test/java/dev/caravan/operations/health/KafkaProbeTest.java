package dev.caravan.operations.health;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Optional;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class KafkaProbeTest {

    @Test
    void isDownWhileTheEmbeddedBrokerHasNoDisk() {
        DefaultCamelContext context = new DefaultCamelContext();
        context.getRegistry().bind("broker", BrokerState.class, (BrokerState)
                () -> Optional.of("Kafka cannot write to /data: free its disk and restart the program"));
        KafkaProbe probe = new KafkaProbe();
        probe.setCamelContext(context);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(probe::probe)
                .withMessageContaining("/data");
    }
}
