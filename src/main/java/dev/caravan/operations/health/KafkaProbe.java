package dev.caravan.operations.health;

import dev.caravan.platform.topics.TopicCreation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.admin.Admin;

/** Up if a broker answers. The embedded broker must also have a working disk: without one it accepts no records. */
public final class KafkaProbe extends Probe {

    private static final int TIMEOUT_MILLIS = 3_000;

    private Admin admin;

    public KafkaProbe() {
        super("kafka");
    }

    @Override
    void probe() throws Exception {
        BrokerState embedded = getCamelContext().getRegistry().findSingleByType(BrokerState.class);
        Optional<String> failure = embedded == null ? Optional.empty() : embedded.failure();
        if (failure.isPresent()) {
            throw new IllegalStateException(failure.get());
        }
        if (admin == null) {
            admin = Admin.create(TopicCreation.adminProperties(
                    getCamelContext()
                            .getComponent("kafka", KafkaComponent.class)
                            .getConfiguration(),
                    TIMEOUT_MILLIS));
        }
        admin.describeCluster().nodes().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }
}
