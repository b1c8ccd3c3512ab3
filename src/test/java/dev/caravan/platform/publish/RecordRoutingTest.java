package dev.caravan.platform.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.RequestValidator;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The last door before Kafka holds even if every door before it were open. */
class RecordRoutingTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private final Message message = exchange.getMessage();

    @BeforeEach
    void aMessageThatWouldDirectItself() {
        message.setHeader(KafkaConstants.OVERRIDE_TOPIC, "elsewhere");
        message.setHeader(KafkaConstants.KEY, "injected");
        message.setHeader(KafkaConstants.PARTITION_KEY, 2);
        message.setHeader(KafkaConstants.OVERRIDE_TIMESTAMP, 1L);
    }

    @Test
    void noHeaderSaysWhereARecordGoes() {
        exchange.setProperty(RequestValidator.KEY, "k1");

        RecordRouting.write(exchange);

        assertThat(message.getHeader(KafkaConstants.KEY, String.class)).isEqualTo("k1");
        assertThat(message.getHeaders())
                .doesNotContainKeys(
                        KafkaConstants.OVERRIDE_TOPIC, KafkaConstants.PARTITION_KEY, KafkaConstants.OVERRIDE_TIMESTAMP);
    }

    @Test
    void aRecordWithoutAKeyGetsNone() {
        RecordRouting.write(exchange);

        assertThat(message.getHeaders()).doesNotContainKey(KafkaConstants.KEY);
    }
}
