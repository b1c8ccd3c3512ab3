package dev.caravan.capability.records;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.Rfc3339;
import dev.caravan.platform.edge.TraceParent;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.kafka.TopicReader;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds records by key or by trace in the topics of the program, without an index. Reads the newest {@value #RECENT}
 * records of each partition, or all since a given time, for at most {@code SEARCH_TIMEOUT}. The response says how much was
 * searched, because a record that was not found may still exist.
 */
public final class FindRecords extends ContextBean implements Processor {

    private static final int RECENT = 10_000;
    private static final int POLL = 2_000;
    private static final int MAX_FOUND = 50;
    private static final int MAX_SEARCHES = 2;
    private static final int RETRY_AFTER_SECONDS = 2;

    private final Semaphore permits = new Semaphore(MAX_SEARCHES);
    private Duration timeout = Duration.ofSeconds(4);

    /** The maximum time of a search. A request to Kafka may take half of it. */
    public void setTimeout(String duration) {
        timeout = Duration.ofMillis(Durations.millis(duration));
    }

    /** @param since null for the newest records */
    private record Search(Predicate<ConsumerRecord<byte[], byte[]>> matches, Set<String> topics, Instant since) {}

    /** The newest matches, and the extent of the search. */
    private static final class Findings implements Predicate<ConsumerRecord<byte[], byte[]>> {

        private final Predicate<ConsumerRecord<byte[], byte[]>> matches;
        private final Deque<ObjectNode> newest = new ArrayDeque<>();
        private long records;
        private long oldest = Long.MAX_VALUE;

        Findings(Predicate<ConsumerRecord<byte[], byte[]>> matches) {
            this.matches = matches;
        }

        @Override
        public boolean test(ConsumerRecord<byte[], byte[]> record) {
            records++;
            oldest = Math.min(oldest, record.timestamp());
            if (matches.test(record)) {
                newest.addFirst(describe(record));
                if (newest.size() > MAX_FOUND) {
                    newest.removeLast();
                }
            }
            return true;
        }
    }

    /** @throws ProblemException 400 or 404 for an impossible search, 503 if Kafka does not answer or is being searched */
    @Override
    public void process(Exchange exchange) {
        Search search = search(exchange.getMessage());
        if (!permits.tryAcquire()) {
            throw ProblemException.unavailable("Other searches are running.", RETRY_AFTER_SECONDS);
        }
        try (TopicReader reader = new TopicReader(getCamelContext(), search.topics(), POLL, timeout.dividedBy(2))) {
            Map<TopicPartition, Long> from =
                    search.since() == null ? reader.newest(RECENT) : reader.since(search.since());
            boolean whole = search.since() != null || from.equals(reader.beginningOffsets());
            Findings findings = new Findings(search.matches());
            boolean finished = reader.read(from, System.nanoTime() + timeout.toNanos(), findings);
            RowsResponse.answer(exchange.getMessage(), answer(findings, finished && whole));
        } catch (KafkaException e) {
            throw ProblemException.unavailable("Kafka does not answer.", RETRY_AFTER_SECONDS);
        } finally {
            permits.release();
        }
    }

    private Search search(Message message) {
        List<Violation> wrong = new ArrayList<>();
        String key = message.getHeader("key", String.class);
        String trace = message.getHeader("trace", String.class);
        if (trace != null && !TraceParent.isTraceId(trace)) {
            wrong.add(new Violation("/trace", "must be 32 hexadecimal digits"));
        }
        Set<String> searchable = bean(Topics.class).published();
        String topic = message.getHeader("topic", String.class);
        String given = message.getHeader("since", String.class);
        Optional<Instant> since = Optional.ofNullable(given).flatMap(Rfc3339::parse);
        if (given != null && since.isEmpty()) {
            wrong.add(new Violation("/since", "must be a timestamp of RFC 3339"));
        }
        if (!wrong.isEmpty()) {
            throw ProblemException.invalid(wrong);
        }
        if (topic != null && !searchable.contains(topic)) {
            throw ProblemException.notFound(
                    "The topics that can be searched are " + String.join(", ", searchable) + ".");
        }
        byte[] bytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        return new Search(
                record -> (bytes == null || Arrays.equals(bytes, record.key()))
                        && (trace == null || trace.equals(trace(record))),
                topic == null ? searchable : Set.of(topic),
                since.orElse(null));
    }

    private static String trace(ConsumerRecord<?, ?> record) {
        return TopicReader.header(record, TraceParent.HEADER)
                .map(TraceParent::traceId)
                .orElse(null);
    }

    private static ObjectNode describe(ConsumerRecord<byte[], byte[]> record) {
        return Json.MAPPER
                .createObjectNode()
                .put("messageId", TopicReader.messageId(record))
                .put("topic", record.topic())
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("at", Instant.ofEpochMilli(record.timestamp()).toString())
                .put("key", record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8))
                .put("trace", trace(record));
    }

    private static ObjectNode answer(Findings findings, boolean complete) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        ArrayNode items = answer.putArray("items");
        findings.newest.stream()
                .sorted(Comparator.comparing((ObjectNode each) ->
                                Instant.parse(each.path("at").asText()))
                        .reversed())
                .forEach(items::add);
        answer.putObject("searched")
                .put("records", findings.records)
                .put(
                        "since",
                        findings.records == 0
                                ? null
                                : Instant.ofEpochMilli(findings.oldest).toString())
                .put("complete", complete);
        return answer;
    }
}
