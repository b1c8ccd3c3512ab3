package dev.caravan.platform.kafka;

import dev.caravan.platform.context.RateLimitedLogger;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of this process that read from Kafka, each with the client that it reads with. */
public final class ConsumerThreads {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerThreads.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private static final String READER = "CaravanReader";

    private final Map<Thread, BatchCommitConsumer> clients = new ConcurrentHashMap<>();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private final HeldPartitions heldPartitions = new HeldPartitions();

    private record StuckPlace(String group, TopicPartition partition) {}

    /** The newest record of a partition at which an attempt did not come back. */
    private final Map<StuckPlace, Long> stuckAt = new ConcurrentHashMap<>();

    /** @return how many threads read now */
    int add(BatchCommitConsumer client) {
        clients.values().removeIf(each -> each.reader().isOver());
        BatchCommitConsumer before = clients.put(Thread.currentThread(), client);
        if (before != null) {
            client.follows(before);
        }
        return clients.size();
    }

    HeldPartitions heldPartitions() {
        return heldPartitions;
    }

    /** Waits where the current thread's client has failed, and the next one would have to be expected to. */
    void pauseBeforeNext() {
        BatchCommitConsumer before = clients.get(Thread.currentThread());
        if (before != null) {
            before.pauseBeforeNext(log);
        }
    }

    /** What keeps the group from reading these topics, or from passing a record; empty when all is well. */
    public List<String> troubles(KafkaConfiguration consumer) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        return Stream.concat(
                        clients.values().stream()
                                .filter(client -> client.reader().reads(group, topics))
                                .map(BatchCommitConsumer::trouble)
                                .filter(Objects::nonNull),
                        heldPartitions.of(group).stream())
                .distinct()
                .toList();
    }

    /** The thread that asks for a new client must not be one that another reads in the place of. */
    void requireNotAbandoned() {
        BatchCommitConsumer client = clients.get(Thread.currentThread());
        if (client != null && client.reader().isAbandoned()) {
            throw new BatchCommitConsumer.ConsumerThreadEnded("Another thread reads in its place.");
        }
    }

    /**
     * The current thread has a record to process, in this exchange.
     *
     * @throws AttemptTimeoutException when an attempt at it has not come back, on a thread that was replaced
     */
    public void begins(Exchange record, TopicPartition partition, long offset) {
        BatchCommitConsumer client = clients.get(Thread.currentThread());
        if (client == null) {
            return;
        }
        ConsumerThread consumerThread = client.reader();
        record.setProperty(READER, consumerThread);
        consumerThread.works(partition, offset);
        if (!stuckAt.isEmpty()) {
            StuckPlace stuckPlace = new StuckPlace(consumerThread.group(), partition);
            Long stuck = stuckAt.get(stuckPlace);
            if (stuck != null && stuck == offset) {
                throw new AttemptTimeoutException();
            }
            if (stuck != null && stuck < offset) {
                stuckAt.remove(stuckPlace, stuck);
            }
        }
    }

    /** Its thread waits now until the record is due or may be tried again, and that is no sign of being stuck. */
    public static void waits(Exchange record) {
        ConsumerThread consumerThread = record.getProperty(READER, ConsumerThread.class);
        if (consumerThread != null) {
            consumerThread.waits();
        }
    }

    /** The wait is over. */
    public static void goesOn(Exchange record) {
        ConsumerThread consumerThread = record.getProperty(READER, ConsumerThread.class);
        if (consumerThread != null) {
            consumerThread.works();
        }
    }

    /** What those of one consumer route are at; one that ended together with its client is none of them. */
    public List<ConsumerThread.Snapshot> look(KafkaConfiguration consumer) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        clients.values().removeIf(client -> client.reader().isOver());
        return clients.values().stream()
                .map(BatchCommitConsumer::reader)
                .filter(consumerThread -> consumerThread.reads(group, topics) && !consumerThread.isAbandoned())
                .map(ConsumerThread::look)
                .toList();
    }

    /**
     * Ends the attempts that have taken longer than that: their SQL transactions are aborted and their threads interrupted. The successor
     * hands their records to the next topic without another attempt here, which would only be stuck again.
     */
    public void interrupt(KafkaConfiguration consumer, Duration longestAttempt) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        clients.values().stream()
                .filter(client -> client.reader().reads(group, topics))
                .forEach(client -> client.endAttempt(
                        longestAttempt,
                        consumerThread -> stuckAt.put(
                                new StuckPlace(consumerThread.group(), consumerThread.partition()),
                                consumerThread.offset())));
    }

    /**
     * Others will read in the place of these. Their SQL transactions are aborted, or the successors would wait for them, and their clients
     * are closed, for what a thread has left open would stay in its group, which would wait for it for minutes. A thread that is still at a record ends once that is done; one that is still
     * inside its client keeps it, and the group goes on without it after {@code max.poll.interval.ms}.
     */
    public void abandon(KafkaConfiguration consumer) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        for (BatchCommitConsumer client : clients.values()) {
            if (client.reader().reads(group, topics)) {
                client.abandon();
                try {
                    client.close(CLOSE);
                } catch (KafkaException | ConcurrentModificationException e) {
                    LOG.warn("A Kafka client of {} was left as it is: {}", group, e.toString());
                }
            }
        }
    }

    private static Set<String> topics(KafkaConfiguration consumer) {
        return Set.copyOf(List.of(consumer.getTopic().split(",")));
    }
}
