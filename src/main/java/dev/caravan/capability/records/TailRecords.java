package dev.caravan.capability.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Utf8;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.kafka.TopicReader;
import dev.caravan.platform.sse.ServerSentEvent;
import dev.caravan.platform.sse.StreamRun;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Streams the records of a topic. The id of each event is the offsets from which a client can resume. One event
 * {@code end} follows the last existing record. Records of different partitions are ordered by time only within one run.
 */
public final class TailRecords extends ContextBean implements Processor {

    private static final int PAGE = 50;
    private static final int MAX_LAST = 1_000;
    private static final int MAX_VALUE = 8 * 1024;
    private static final int MAX_RUNS = 2;
    private static final int RETRY_AFTER_SECONDS = 2;
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Duration CALL = Duration.ofSeconds(2);
    private static final String ID = "\\d{1,9}:\\d{1,18}(,\\d{1,9}:\\d{1,18})*";

    private final Semaphore permits = new Semaphore(MAX_RUNS);

    /**
     * @param next the next offset of each partition
     * @param ended whether the event {@code end} was sent
     */
    private record TailPosition(Map<Integer, Long> next, boolean ended) {

        String id() {
            return next.entrySet().stream()
                    .map(each -> each.getKey() + ":" + each.getValue())
                    .collect(Collectors.joining(","));
        }

        TailPosition after(ConsumerRecord<?, ?> record) {
            Map<Integer, Long> then = new TreeMap<>(next);
            then.put(record.partition(), record.offset() + 1);
            return new TailPosition(then, ended);
        }
    }

    /** A record with a time that never decreases within its partition. */
    private record Timed(ConsumerRecord<byte[], byte[]> record, long time) {}

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String topic = message.getHeader("topic", String.class);
        Topics topics = bean(Topics.class);
        if (!topics.required(topics.consumers()).contains(topic)
                && !topics.allowedTopics().contains(topic)) {
            throw ProblemException.notFound("The program has no such topic.");
        }
        message.setHeader(StreamRun.MORE, false);
        message.setBody(List.of());
        if (!permits.tryAcquire()) {
            // Streams share their threads with inbox streams, so this run does not wait. The next one is in 2 s.
            return;
        }
        try (TopicReader reader = new TopicReader(getCamelContext(), List.of(topic), PAGE, CALL)) {
            TailPosition position = exchange.getProperty(StreamRun.STATE, TailPosition.class);
            message.setBody(events(message, reader, position == null ? first(message, reader) : position));
        } catch (KafkaException e) {
            throw ProblemException.unavailable("Kafka does not answer.", RETRY_AFTER_SECONDS);
        } finally {
            permits.release();
        }
    }

    private List<ServerSentEvent> events(Message message, TopicReader reader, TailPosition from) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        boolean complete = reader.read(
                partitions(message.getHeader("topic", String.class), from.next(), reader), deadline(), record -> {
                    read.add(record);
                    return read.size() < PAGE;
                });
        List<ServerSentEvent> events = new ArrayList<>();
        TailPosition position = from;
        for (Timed each : byTime(read)) {
            position = position.after(each.record());
            events.add(new ServerSentEvent("record", position.id(), json(each.record()), position, null));
        }
        if (complete && !position.ended()) {
            position = new TailPosition(position.next(), true);
            events.add(new ServerSentEvent("end", position.id(), Json.MAPPER.createObjectNode(), position, null));
        }
        message.setHeader(StreamRun.MORE, !complete);
        return events;
    }

    /** From {@code Last-Event-ID}, else from the parameter {@code last}. */
    private static TailPosition first(Message message, TopicReader reader) {
        String id = message.getHeader(StreamRun.LAST_EVENT_ID, String.class);
        if (id != null) {
            if (!id.matches(ID)) {
                throw ProblemException.malformed("Last-Event-ID must be the id of an event of this stream.");
            }
            return new TailPosition(
                    Arrays.stream(id.split(","))
                            .map(each -> each.split(":"))
                            .collect(Collectors.toMap(
                                    each -> Integer.valueOf(each[0]),
                                    each -> Long.valueOf(each[1]),
                                    Math::max,
                                    TreeMap::new)),
                    false);
        }
        String last = message.getHeader("last", "0", String.class);
        if (!last.matches("all|\\d{1,4}") || !last.equals("all") && Integer.parseInt(last) > MAX_LAST) {
            throw ProblemException.malformed("last must be all or a number from 0 to " + MAX_LAST + ".");
        }
        Map<TopicPartition, Long> begin =
                last.equals("all") ? reader.beginningOffsets() : lastOf(reader, Integer.parseInt(last));
        Map<Integer, Long> next = new TreeMap<>();
        begin.forEach((partition, offset) -> next.put(partition.partition(), offset));
        return new TailPosition(next, false);
    }

    /** The offsets at which the newest records of the topic begin, counted over all partitions. */
    private static Map<TopicPartition, Long> lastOf(TopicReader reader, int count) {
        Map<TopicPartition, Long> begins = new HashMap<>(reader.endOffsets());
        if (count > 0) {
            // Keeps positions only, because payloads could take too much memory.
            Map<TopicPartition, Long> times = new HashMap<>();
            List<Map.Entry<TopicPartition, long[]>> places = new ArrayList<>();
            reader.read(reader.newest(count), deadline(), record -> {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                long time = times.merge(partition, record.timestamp(), Math::max);
                places.add(Map.entry(partition, new long[] {time, record.offset()}));
                return true;
            });
            places.sort(Comparator.comparingLong(each -> each.getValue()[0]));
            places.subList(Math.max(0, places.size() - count), places.size())
                    .forEach(each -> begins.merge(each.getKey(), each.getValue()[1], Math::min));
        }
        return begins;
    }

    /** Reads partitions that were added since from their beginning. */
    private static Map<TopicPartition, Long> partitions(String topic, Map<Integer, Long> next, TopicReader reader) {
        Map<TopicPartition, Long> from = new HashMap<>();
        reader.endOffsets().keySet().forEach(each -> from.put(each, next.getOrDefault(each.partition(), 0L)));
        return from;
    }

    private static List<Timed> byTime(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Integer, Long> times = new HashMap<>();
        return records.stream()
                .map(record -> new Timed(record, times.merge(record.partition(), record.timestamp(), Math::max)))
                .sorted(Comparator.comparingLong(Timed::time))
                .toList();
    }

    private static long deadline() {
        return System.nanoTime() + LIMIT.toNanos();
    }

    /** Long values are truncated. */
    private static ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("at", Instant.ofEpochMilli(record.timestamp()).toString())
                .put("messageId", TopicReader.messageId(record))
                .put("key", record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8))
                .put("size", record.value() == null ? 0 : record.value().length);
        byte[] value = record.value();
        if (value == null) {
            return json.putNull("value");
        }
        return Utf8.decode(value)
                .map(text -> json.put("value", text.substring(0, Math.min(text.length(), MAX_VALUE))))
                .orElseGet(() -> json.put("base64", Arrays.copyOf(value, Math.min(value.length, MAX_VALUE))));
    }
}
