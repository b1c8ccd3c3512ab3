package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.FlakyProcessor;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A topic that accepts larger records than Caravan sends. */
@ExtendWith(CaravanExtension.class)
class LargeRecordIT {

    private final String id = UUID.randomUUID().toString();

    @Test
    void aFailedLargeRecordIsDeadLetteredWithoutPayload(Program program) throws Exception {
        setMaxBytes(program, AlterConfigOp.OpType.SET);
        try {
            byte[] large = (id + "-large 1000 " + "x".repeat(1_500_000)).getBytes(StandardCharsets.UTF_8);
            byte[] behind = (id + "-behind 0").getBytes(StandardCharsets.UTF_8);

            // The broker accepts it once the new limit of the topic is in effect.
            await().ignoreException(IllegalStateException.class).untilAsserted(() -> program.records()
                    .write("flaky", id, large, Map.of("MessageID", id + "-large")));
            program.records().write("flaky", id, behind, Map.of("MessageID", id + "-behind"));

            await().untilAsserted(() -> assertThat(program.records().withMessageId("flaky-dlq", id + "-large"))
                    .hasSize(1));
            Written dead =
                    program.records().withMessageId("flaky-dlq", id + "-large").get(0);
            Written record =
                    program.records().withMessageId("flaky", id + "-large").get(0);
            assertThat(dead.value()).isNull();
            assertThat(dead.key()).isEqualTo(id);
            assertThat(dead.headers())
                    .containsEntry("dead-letter-omitted-bytes", Integer.toString(large.length))
                    .containsEntry("dead-letter-topic", "flaky")
                    .containsEntry("dead-letter-partition", Integer.toString(record.partition()))
                    .containsEntry("dead-letter-offset", Long.toString(record.offset()));
            assertThat(record.value()).isEqualTo(large);
            await().untilAsserted(() ->
                    assertThat(program.records().lag("caravan-flaky", "flaky")).isZero());
            assertThat(FlakyProcessor.attempts(id + "-behind")).isOne();
        } finally {
            setMaxBytes(program, AlterConfigOp.OpType.DELETE);
        }
    }

    private static void setMaxBytes(Program program, AlterConfigOp.OpType type) throws Exception {
        String brokers = program.caravan().context().resolvePropertyPlaceholders("{{kafka.brokers}}");
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "flaky");
        ConfigEntry entry = new ConfigEntry("max.message.bytes", "5000000");
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, type))))
                    .all()
                    .get();
        }
    }
}
