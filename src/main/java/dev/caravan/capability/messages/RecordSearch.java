package dev.caravan.capability.messages;

import dev.caravan.operations.metrics.Offsets;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.kafka.TopicReader;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.TopicCreation;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches Kafka for a message without a row in the database: it was just published, or waits for its consumer. Publishing
 * writes nothing for this search.
 *
 * <p>A UUIDv7 contains its creation time, and the record was written within a minute of it, so the search starts there.
 * Otherwise it covers the records that a consumer has not committed, and the newest {@value #RECENT} of each partition. A
 * search takes at most {@code SEARCH_TIMEOUT}, and at most {@value #MAX_SEARCHES} run at once. If it cannot finish, the answer is
 * 503 and not 404.
 */
public final class RecordSearch extends ContextBean implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(RecordSearch.class);
    private static final int RECENT = 2_000;
    private static final int MAX_SEARCHES = 2;
    private static final int RETRY_AFTER_SECONDS = 2;
    /** Maximum time between the creation of an id and its record's timestamp, including clock differences. */
    private static final Duration WINDOW = Duration.ofMillis(60_001);

    private static final int VERSION_7 = 7;
    private static final int UUID_LENGTH = 36;
    private static final int TIME_SHIFT = 16;

    private final RateLimitedLogger log = new RateLimitedLogger();
    private final Semaphore permits = new Semaphore(MAX_SEARCHES);
    private Duration timeout = Duration.ofSeconds(4);

    /** The maximum time of a search. A request to Kafka may take half of it. */
    public void setTimeout(String duration) {
        timeout = Duration.ofMillis(Durations.millis(duration));
    }

    @Override
    public void process(Exchange exchange) {
        exchange.setProperty(MessageStatus.RECORDS, find(MessageStatus.ids(exchange.getMessage())));
    }

    private Map<String, RecordMetadata> find(Collection<String> messageIds) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            if (!permits.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw unfinished();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unfinished();
        }
        try {
            return find(Set.copyOf(messageIds), deadline);
        } catch (ExecutionException | KafkaException e) {
            log.warn(LOG, "kafka", "The search for a message in Kafka failed: {}", ErrorText.line(e));
            throw ProblemException.unavailable("Kafka does not answer.", RETRY_AFTER_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unfinished();
        } finally {
            permits.release();
        }
    }

    private Map<String, RecordMetadata> find(Set<String> messageIds, long deadline)
            throws ExecutionException, InterruptedException {
        Set<String> topics = bean(Topics.class).published();
        try (TopicReader reader = new TopicReader(getCamelContext(), topics, RECENT, call())) {
            Optional<Instant> created = messageIds.stream().findAny().flatMap(RecordSearch::createdAt);
            if (created.isPresent()) {
                Map<TopicPartition, Long> windowEnds = new HashMap<>(reader.endOffsets());
                windowEnds.putAll(reader.since(created.get().plus(WINDOW)));
                var found = scan(reader, reader.since(created.get()), windowEnds, messageIds, deadline);
                if (!found.isEmpty()) {
                    return found;
                }
            }
            return scan(reader, uncommitted(reader, topics), reader.endOffsets(), messageIds, deadline);
        }
    }

    private static Map<String, RecordMetadata> scan(
            TopicReader reader,
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> ends,
            Set<String> messageIds,
            long deadline) {
        Map<String, RecordMetadata> found = new HashMap<>();
        boolean finished = reader.read(from, ends, deadline, record -> {
            TopicReader.header(record, MessageId.HEADER)
                    .filter(messageIds::contains)
                    .ifPresent(messageId -> found.put(messageId, place(record)));
            return found.isEmpty();
        });
        if (!finished && found.isEmpty()) {
            throw unfinished();
        }
        return found;
    }

    private static RecordMetadata place(ConsumerRecord<?, ?> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        return new RecordMetadata(partition, record.offset(), 0, record.timestamp(), 0, 0);
    }

    /** Topic → the groups that read it. */
    private Map<String, Set<String>> groups() {
        Map<String, Set<String>> groups = new HashMap<>();
        getCamelContext().getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(KafkaEndpoint.class::isInstance)
                .map(endpoint -> ((KafkaEndpoint) endpoint).getConfiguration())
                .filter(kafka -> kafka.getGroupId() != null && !kafka.isTopicIsPattern())
                .forEach(kafka -> Stream.of(kafka.getTopic().split(","))
                        .forEach(topic -> groups.computeIfAbsent(topic, any -> new HashSet<>())
                                .add(kafka.getGroupId())));
        return groups;
    }

    private Map<TopicPartition, Long> uncommitted(TopicReader reader, Set<String> topics)
            throws ExecutionException, InterruptedException {
        Map<String, Set<String>> groups = groups();
        KafkaConfiguration kafka =
                getCamelContext().getComponent("kafka", KafkaComponent.class).getConfiguration();
        try (Admin admin = Admin.create(TopicCreation.adminProperties(kafka, (int) call().toMillis()))) {
            Offsets offsets = Offsets.read(
                    admin, groups.values().stream().flatMap(Set::stream).collect(Collectors.toSet()), topics);
            Map<TopicPartition, Long> from = reader.newest(RECENT);
            from.replaceAll((partition, recent) -> groups.getOrDefault(partition.topic(), Set.of()).stream()
                    .mapToLong(group -> offsets.next(group, partition))
                    .reduce(recent, Math::min));
            return from;
        }
    }

    private Duration call() {
        return timeout.dividedBy(2);
    }

    /** The creation time of a UUIDv7. A scope may follow the id. */
    private static Optional<Instant> createdAt(String messageId) {
        String text = messageId.substring(0, Math.min(messageId.length(), UUID_LENGTH));
        try {
            UUID uuid = UUID.fromString(text);
            return uuid.version() == VERSION_7 && uuid.toString().equals(text)
                    ? Optional.of(Instant.ofEpochMilli(uuid.getMostSignificantBits() >>> TIME_SHIFT))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static ProblemException unfinished() {
        return ProblemException.unavailable(
                "The search of Kafka did not finish in time; the message may be there.", RETRY_AFTER_SECONDS);
    }
}
