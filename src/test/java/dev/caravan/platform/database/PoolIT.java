package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** More consumer threads than {@code DATABASE_POOL}, each with a slow step inside its transaction. */
class PoolIT {

    private static final int CONSUMERS = 10;
    private static final CountDownLatch ANSWERED = new CountDownLatch(1);
    private static final AtomicInteger WAITING = new AtomicInteger();

    /** Simulates a call to a slow service. */
    public static final class SlowCall implements Processor {
        @Override
        public void process(Exchange exchange) throws InterruptedException {
            WAITING.incrementAndGet();
            ANSWERED.await();
        }
    }

    @Test
    void slowConsumersLeaveConnectionsForRequests() throws Exception {
        try (Program program = Program.start(Map.of("database.pool", "2", "kafka.consumer.record.timeout", "240s"))) {
            String brokers = program.caravan().context().resolvePropertyPlaceholders("{{kafka.brokers}}");
            try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
                admin.createTopics(List.of(new NewTopic("slow", CONSUMERS, (short) 1)))
                        .all()
                        .get();
            }
            Files.writeString(
                    program.routes().resolve("slow.camel.yaml"),
                    Files.readString(Path.of("src/test/resources/hanging/hanging.camel.yaml"))
                            .replace("dev.caravan.platform.reliability.HangingStepIT$Hanging", SlowCall.class.getName())
                            .replace("hanging", "slow")
                            .replaceFirst("consumersCount: \\d+", "consumersCount: " + CONSUMERS));
            // A consumer that processes a record cannot give up partitions to later members.
            try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
                await().until(() -> eachHasAPartition(admin));
            }
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int partition = 0; partition < CONSUMERS; partition++) {
                    producer.send(new ProducerRecord<>("slow", partition, null, "{}".getBytes(StandardCharsets.UTF_8)))
                            .get();
                }
            }
            await().untilAsserted(() -> assertThat(WAITING).hasValue(CONSUMERS));

            for (int i = 0; i < 5; i++) {
                assertThat(program.http().get("/notifications/1?limit=5").status())
                        .isEqualTo(200);
            }
            ANSWERED.countDown();
        } finally {
            ANSWERED.countDown();
        }
    }

    private static boolean eachHasAPartition(Admin admin) throws Exception {
        var members = admin.describeConsumerGroups(List.of("caravan-slow"))
                .all()
                .get()
                .get("caravan-slow")
                .members();
        return members.size() == CONSUMERS
                && members.stream()
                        .allMatch(each -> each.assignment().topicPartitions().size() == 1);
    }
}
