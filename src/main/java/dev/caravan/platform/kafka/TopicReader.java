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
 * Reads topics without a consumer group, so it commits nothing. It ends where the topics ended when it was opened, and
 * sees no record of an aborted transaction.
 */
public final class TopicReader implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 2_000;
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> ends;

    /** Every call fails after {@value #TIMEOUT_MILLIS} ms without Kafka; see the other constructor. */
    public TopicReader(CamelContext context, Collection<String> topics, int poll) {
        this(
                TopicCreation.adminProperties(
                        context.getComponent("kafka", KafkaComponent.class).getConfiguration(), TIMEOUT_MILLIS),
                topics,
                poll);
    }

    /**
     * @param kafka client properties for the brokers, with the time limit of a call
     * @param topics topics that do not exist are left out
     * @param poll maximum number of records that are fetched at once
     */
    public TopicReader(Properties kafka, Collection<String> topics, int poll) {
        Properties properties = new Properties();
        properties.putAll(kafka);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, poll);
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

    public Map<TopicPartition, Long> ends() {
        return ends;
    }

    public Map<TopicPartition, Long> begins() {
        return consumer.beginningOffsets(ends.keySet());
    }

    /** Where the newest records of each partition begin, as many as that. */
    public Map<TopicPartition, Long> newest(long count) {
        return begins().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, begin -> Math.max(begin.getValue(), ends.get(begin.getKey()) - count)));
    }

    /** Where the records of that time or later begin; partitions without such records are left out. */
    public Map<TopicPartition, Long> since(Instant time) {
        return since(ends.keySet().stream().collect(Collectors.toMap(each -> each, any -> time.toEpochMilli())));
    }

    /**
     * Where the records of a time or later begin; partitions without such records are left out.
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

    /** Reads until the topics' ends; see {@link #read(Map, Map, long, Predicate)}. */
    public boolean read(
            Map<TopicPartition, Long> from, long nanoTime, Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
        return read(from, ends, nanoTime, wantsMore);
    }

    /**
     * Reads until the given ends, until {@code nanoTime}, or until the caller wants no more. Records behind an end may
     * be passed on too.
     *
     * @return whether the ends were reached
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

    /** The MessageID of a record; one without a valid header is named after its place, as by its consumer. */
    public static String messageId(ConsumerRecord<?, ?> record) {
        return header(record, MessageId.HEADER)
                .filter(MessageId::isValid)
                .orElseGet(() ->
                        record.topic() + "/" + record.partition() + "/" + record.offset() + "/" + record.timestamp());
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
