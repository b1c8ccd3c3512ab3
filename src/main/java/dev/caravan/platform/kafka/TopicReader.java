package dev.caravan.platform.kafka;

import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.topics.TopicCreation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics up to the end offsets that they had when the reader was created. Has no consumer group and commits
 * nothing. Skips records of aborted transactions.
 */
public final class TopicReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;

    /** @param timeout calls fail if Kafka does not answer within it */
    public TopicReader(CamelContext context, Collection<String> topics, int maxPollRecords, Duration timeout) {
        this(
                TopicCreation.adminProperties(
                        context.getComponent("kafka", KafkaComponent.class).getConfiguration(),
                        (int) timeout.toMillis()),
                topics,
                maxPollRecords);
    }

    /**
     * @param kafka client properties: the brokers and the time limit of a call
     * @param topics topics that do not exist are ignored
     */
    public TopicReader(Properties kafka, Collection<String> topics, int maxPollRecords) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
        // A fetch of partitions without new records must not delay the others.
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 0);
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            Set<TopicPartition> partitions = new HashSet<>();
            for (String topic : topics) {
                consumer.partitionsFor(topic)
                        .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
            }
            ends = Map.copyOf(consumer.endOffsets(partitions));
        } catch (KafkaException e) {
            close();
            throw e;
        }
    }

    public Map<TopicPartition, Long> endOffsets() {
        return ends;
    }

    public Map<TopicPartition, Long> beginningOffsets() {
        return consumer.beginningOffsets(ends.keySet());
    }

    /** The offset of the first of the newest {@code count} records of each partition. */
    public Map<TopicPartition, Long> newest(long count) {
        return beginningOffsets().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, begin -> Math.max(begin.getValue(), ends.get(begin.getKey()) - count)));
    }

    /** The first offset at or after the time; partitions without one are left out. */
    public Map<TopicPartition, Long> since(Instant time) {
        return since(ends.keySet().stream().collect(Collectors.toMap(each -> each, any -> time.toEpochMilli())));
    }

    /**
     * The first offset at or after each partition's time; partitions without one are left out.
     *
     * @param times partition → milliseconds since the epoch
     */
    public Map<TopicPartition, Long> since(Map<TopicPartition, Long> times) {
        Map<TopicPartition, Long> from = new HashMap<>();
        consumer.offsetsForTimes(times).forEach((partition, first) -> {
            if (first != null) {
                from.put(partition, first.offset());
            }
        });
        return from;
    }

    /** Reads until the topics' end offsets, otherwise like {@link #read(Map, Map, long, Predicate)}. */
    public boolean read(
            Map<TopicPartition, Long> from, long nanoTime, Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
        return read(from, ends, nanoTime, wantsMore);
    }

    /**
     * Reads until the end offsets, until {@code nanoTime}, or until the predicate returns false. The predicate may also
     * get records behind an end offset.
     *
     * @return whether all end offsets were reached
     */
    public boolean read(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to,
            long nanoTime,
            Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
        Set<TopicPartition> left = from.keySet().stream()
                .filter(partition -> from.get(partition) < to.get(partition))
                .collect(Collectors.toCollection(HashSet::new));
        consumer.assign(left);
        left.forEach(partition -> consumer.seek(partition, from.get(partition)));
        while (!left.isEmpty()) {
            if (System.nanoTime() > nanoTime) {
                return false;
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (!wantsMore.test(record)) {
                    return false;
                }
            }
            left.removeIf(partition -> consumer.position(partition) >= to.get(partition));
            consumer.assign(left);
        }
        return true;
    }

    public static String messageId(ConsumerRecord<?, ?> record) {
        return messageId(
                header(record, MessageId.HEADER).orElse(null),
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp());
    }

    /**
     * A record of another program may have no MessageID or an invalid one. Then its position is its MessageID, because
     * that is the same whenever the record is read again. The timestamp distinguishes it from a record at the same
     * offset of a topic that was deleted and created again.
     *
     * @param header the record's MessageID header, or null
     */
    public static String messageId(String header, String topic, int partition, long offset, long timestamp) {
        return MessageId.isValid(header) ? header : topic + "/" + partition + "/" + offset + "/" + timestamp;
    }

    public static Optional<String> header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        consumer.close(Duration.ZERO);
    }
}
