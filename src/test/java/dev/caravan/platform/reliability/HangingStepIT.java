package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Postgres;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** Steps inside {@code once} that hang and ignore interrupts, with their transactions open, on PostgreSQL. */
class HangingStepIT {

    private static final int PARTITIONS = 2;
    private static final int RECORDS = 4;
    private static final CountDownLatch RELEASED = new CountDownLatch(1);

    @TempDir
    Path folder;

    /** The first attempt at a record {@code sql} waits for the database, that at any other record for the test. */
    public static final class Hanging extends ContextBean implements Processor {

        private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

        @Override
        public void process(Exchange exchange) {
            String[] body = exchange.getMessage().getBody(String.class).split(" ");
            if (!SEEN.add(body[0])) {
                return;
            }
            if (body[1].equals("sql")) {
                JdbcTemplate jdbc = new JdbcTemplate(bean(DataSource.class));
                jdbc.execute("SET LOCAL statement_timeout = 0");
                jdbc.execute("SELECT pg_sleep(3600)");
            }
            while (RELEASED.getCount() > 0) {
                try {
                    RELEASED.await();
                } catch (InterruptedException ignored) {
                    // Like a step that ignores interrupts.
                }
            }
        }
    }

    @Test
    void hangingStepsLeakNothingAndNewThreadsContinue() throws Exception {
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                // A new group waits for its members, so that each consumer gets its own partition and can hang.
                EmbeddedBroker broker = EmbeddedBroker.start(
                        folder.resolve("kafka"), 0, Map.of("group.initial.rebalance.delay.ms", "3000"));
                Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()));
                Program program = Program.on(
                        broker.bootstrapServers(),
                        Map.of(
                                // Only the abort ends a wait for the database.
                                "database.url",
                                postgres.url() + "?socketTimeout=0",
                                "database.user",
                                postgres.user(),
                                "kafka.consumer.record.timeout",
                                "2s",
                                // Its poller holds a connection nearly all the time.
                                "webhooks.enabled",
                                "false",
                                "camel.beans.consumerWatch.betweenRestarts",
                                "1s"))) {
            admin.createTopics(List.of(new NewTopic("hanging", PARTITIONS, (short) 1)))
                    .all()
                    .get();
            Files.copy(
                    Path.of("src/test/resources/hanging/hanging.camel.yaml"),
                    program.routes().resolve("hanging.camel.yaml"));
            HikariDataSource database =
                    (HikariDataSource) program.caravan().context().getRegistry().findSingleByType(DataSource.class);
            // Without the program's limit on statements.
            JdbcTemplate jdbc = postgres.jdbc();

            await().until(
                            () -> admin
                                            .describeConsumerGroups(List.of("caravan-hanging"))
                                            .all()
                                            .get()
                                            .get("caravan-hanging")
                                            .members()
                                            .stream()
                                            .filter(member -> member.assignment()
                                                            .topicPartitions()
                                                            .size()
                                                    == 1)
                                            .count()
                                    == PARTITIONS);
            write(broker.bootstrapServers());

            await().atMost(Duration.ofMinutes(5)).untilAsserted(() -> assertThat(
                            jdbc.queryForObject("SELECT COUNT(*) FROM comments WHERE body = 'hanging'", Integer.class))
                    .isEqualTo(RECORDS));
            assertThat(program.records().of("hanging-dlq", record -> true)).isEmpty();
            await().untilAsserted(() -> assertThat(threads())
                    .as("threads: half of the hanging steps ignore the interrupt")
                    .isEqualTo(PARTITIONS + RECORDS / 2));
            await().untilAsserted(() -> {
                assertThat(jdbc.queryForObject(
                                "SELECT COUNT(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%pg_sleep(3600)' AND state = 'active'",
                                Integer.class))
                        .isZero();
                assertThat(jdbc.queryForObject(
                                "SELECT COUNT(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
                                        + " AND xact_start < now() - interval '2 seconds'",
                                Integer.class))
                        .isZero();
                assertThat(database.getHikariPoolMXBean().getActiveConnections())
                        .isZero();
            });
            await().untilAsserted(() -> assertThat(clients()).isEqualTo(PARTITIONS));
            await().untilAsserted(() -> assertThat(program.records().lag("caravan-hanging", "hanging"))
                    .isZero());

            RELEASED.countDown();
            await().untilAsserted(() -> assertThat(threads()).isEqualTo(PARTITIONS));
            assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM comments WHERE body = 'hanging'", Integer.class))
                    .isEqualTo(RECORDS);
        } finally {
            RELEASED.countDown();
        }
    }

    /** Two records to each partition: to one of them only {@code sql}, to the other only {@code java}. */
    private static void write(String brokers) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                String text = "record-" + i + (i % 2 == 0 ? " sql" : " java");
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>("hanging", i % PARTITIONS, null, text.getBytes(StandardCharsets.UTF_8));
                record.headers().add("MessageID", ("hanging-" + i).getBytes(StandardCharsets.UTF_8));
                producer.send(record).get();
            }
        }
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith("KafkaConsumer[hanging]"))
                .count();
    }

    private static int clients() throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(
                        new ObjectName(
                                "kafka.consumer:type=consumer-coordinator-metrics,client-id=consumer-caravan-hanging-*"),
                        null)
                .size();
    }
}
