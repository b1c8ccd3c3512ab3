package dev.caravan.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchCommitConsumerIT {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final TopicPartition OTHER = new TopicPartition("t", 1);

    /** Logs each event with the number of records read before it. */
    private static final class EventLog implements BatchCommitListener {

        private final List<String> events = new ArrayList<>();
        private Map<TopicPartition, Long> rewind = Map.of();
        private int commitsInPoll;
        private int read;

        void read(ConsumerRecords<Object, Object> records) {
            read += records.count();
        }

        void revoked(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) {
                events.add("revoked after " + read);
            }
        }

        @Override
        public Map<TopicPartition, Long> commitOrRewind() {
            events.add("committed after " + read);
            commitsInPoll++;
            // The first call is before the poll. The second one is within it, for the rebalance.
            if (commitsInPoll < 2) {
                return Map.of();
            }
            Map<TopicPartition, Long> offsets = rewind;
            rewind = Map.of();
            return offsets;
        }

        List<String> events() {
            return events.stream().distinct().toList();
        }
    }

    @TempDir
    Path folder;

    private final EventLog log = new EventLog();
    private final List<Duration> rebalances = new ArrayList<>();
    private int port;
    private String brokers;
    private EmbeddedBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        port = CaravanExtension.freePort();
        brokers = "127.0.0.1:" + port;
        start();
    }

    private void start() {
        broker = EmbeddedBroker.start(folder, port);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    @Test
    void repeatsAFailedCommitWithoutFurtherRecords() throws Exception {
        try (BatchCommitConsumer consumer = consumer(500)) {
            ConsumerRecord<Object, Object> record = readOneRecord(consumer);
            broker.close();
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> consumer.commitSync(after(record), Duration.ofSeconds(1)));

            start();

            await().untilAsserted(() -> {
                assertThat(consumer.poll(Duration.ofMillis(100))).isEmpty();
                assertThat(committed()).isEqualTo(record.offset() + 1);
            });
        }
    }

    @Test
    void commitsEachPollBeforeTheNextOne() throws Exception {
        try (BatchCommitConsumer consumer = consumer(2)) {
            create(1, 5);
            subscribe(consumer);

            poll(consumer, 5);

            assertThat(log.events()).containsExactly("committed after 0", "committed after 2", "committed after 4");
            assertThat(rebalances).hasSize(1).allSatisfy(time -> assertThat(time)
                    .isLessThan(Duration.ofMinutes(1)));
        }
    }

    @Test
    void commitsBeforeARevocationAndRewindsTheKeptPartitions() throws Exception {
        try (BatchCommitConsumer consumer = consumer(10);
                BatchCommitConsumer other = new BatchCommitConsumer(
                        properties(2),
                        new EventLog(),
                        new ConsumerThread("g"),
                        new BlockedPartitions(),
                        rebalances::add,
                        () -> false)) {
            create(2, 100_000);
            subscribe(consumer);
            poll(consumer, 1);
            while (consumer.position(PARTITION) == 0 || consumer.position(OTHER) == 0) {
                log.read(consumer.poll(Duration.ofMillis(100)));
            }
            log.events.clear();
            log.rewind = Map.of(PARTITION, 0L, OTHER, 0L);
            other.subscribe(List.of("t"));

            ConsumerRecords<Object, Object> next = await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(
                            () -> {
                                other.poll(Duration.ofMillis(1));
                                log.commitsInPoll = 0;
                                ConsumerRecords<Object, Object> records = consumer.poll(Duration.ofMillis(100));
                                log.read(records);
                                return records;
                            },
                            records -> log.rewind.isEmpty() && !records.isEmpty());

            int read = log.read - next.count();
            assertThat(log.events()).endsWith("committed after " + read, "revoked after " + read);
            assertThat(consumer.assignment()).hasSize(1);
            assertThat(next).first().extracting(ConsumerRecord::offset).isEqualTo(0L);
        }
    }

    @Test
    void commitsBeforeAPollThrows() throws Exception {
        try (BatchCommitConsumer consumer = consumer(2)) {
            create(1, 5);
            subscribe(consumer);
            poll(consumer, 2);
            consumer.wakeup();

            assertThatExceptionOfType(WakeupException.class).isThrownBy(() -> consumer.poll(Duration.ofMillis(100)));

            assertThat(log.events()).containsExactly("committed after 0", "committed after 2");
        }
    }

    /** With fewer, as many and more records than were read from the deleted topic. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 8})
    void readsARecreatedTopicFromItsStart(int records) throws Exception {
        try (BatchCommitConsumer consumer = consumer(500)) {
            create(1, 5);
            subscribe(consumer);
            poll(consumer, 5);
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(5)), Duration.ofMinutes(1));
            try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
                admin.deleteTopics(List.of("t")).all().get();
                await().ignoreExceptions().until(() -> {
                    create(1, records);
                    return true;
                });
            }

            Set<Long> offsets = new TreeSet<>();
            await().untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> offsets.add(record.offset()));
                assertThat(offsets).hasSize(records);
            });
        }
    }

    /** Polls at least once, and until that many records have been read. */
    private void poll(BatchCommitConsumer consumer, int records) {
        await().until(() -> {
            log.read(consumer.poll(Duration.ofMillis(100)));
            return log.read >= records;
        });
    }

    private BatchCommitConsumer consumer(int maxPollRecords) {
        return new BatchCommitConsumer(
                properties(maxPollRecords),
                log,
                new ConsumerThread("g"),
                new BlockedPartitions(),
                rebalances::add,
                () -> false);
    }

    private Properties properties(int maxPollRecords) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("group.id", "g");
        properties.put("enable.auto.commit", "false");
        properties.put("max.poll.records", maxPollRecords);
        properties.put("heartbeat.interval.ms", "100");
        properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return properties;
    }

    private ConsumerRecord<Object, Object> readOneRecord(BatchCommitConsumer consumer) throws Exception {
        create(1, 1);
        subscribe(consumer);
        return await().until(
                        () -> consumer.poll(Duration.ofMillis(100)).records(PARTITION).stream()
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private void create(int partitions, int records) throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            admin.createTopics(List.of(new NewTopic("t", partitions, (short) 1)))
                    .all()
                    .get();
        }
        write(partitions, records);
    }

    private void write(int partitions, int records) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>("t", i % partitions, null, new byte[] {1}));
            }
        }
    }

    private void subscribe(BatchCommitConsumer consumer) {
        consumer.subscribe(List.of("t"), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                log.revoked(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
        });
    }

    private static Map<TopicPartition, OffsetAndMetadata> after(ConsumerRecord<Object, Object> record) {
        return Map.of(PARTITION, new OffsetAndMetadata(record.offset() + 1));
    }

    private long committed() throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", brokers))) {
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets("g")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(PARTITION);
            return committed == null ? -1 : committed.offset();
        }
    }
}
