package dev.caravan.platform.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class TopicRetentionIT {

    @Test
    void newTopicsRetainRecordsForLessTimeThanMessageIds(CaravanExtension.Program program) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers",
                program.caravan()
                        .context()
                        .getComponent("kafka", KafkaComponent.class)
                        .getConfiguration()
                        .getBrokers()))) {
            for (String topic : List.of("orders", "orders-retry-1", "orders-dlq")) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
                Config config =
                        admin.describeConfigs(List.of(resource)).all().get().get(resource);

                long retention = Long.parseLong(config.get("retention.ms").value());
                long segment = Long.parseLong(config.get("segment.ms").value());
                assertThat(retention).as(topic).isEqualTo(Duration.ofDays(6).toMillis());
                assertThat(retention + segment)
                        .as(topic)
                        .isLessThan(Duration.ofDays(7).toMillis());
            }
        }
    }
}
