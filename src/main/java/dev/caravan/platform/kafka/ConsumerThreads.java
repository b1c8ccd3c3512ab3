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

/** The consumer threads of this process, each with its current client. */
public final class ConsumerThreads {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerThreads.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private static final String CONSUMER_THREAD = "CaravanConsumerThread";

    private final Map<Thread, BatchCommitConsumer> clients = new ConcurrentHashMap<>();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private final HeldPartitions heldPartitions = new HeldPartitions();

    private record StuckPlace(String group, TopicPartition partition) {}

    /** For each partition, the offset of the last record whose attempt timed out. */
    private final Map<StuckPlace, Long> stuckAt = new ConcurrentHashMap<>();

    /** @return current number of consumer threads */
    int add(BatchCommitConsumer client) {
        clients.values().removeIf(each -> each.consumerThread().isOver());
        BatchCommitConsumer previous = clients.put(Thread.currentThread(), client);
        if (previous != null) {
            client.continueFailuresOf(previous);
        }
        return clients.size();
    }

    HeldPartitions heldPartitions() {
        return heldPartitions;
    }

    /** Waits if the polls of the current thread's previous client failed. */
    void pauseBeforeNext() {
        BatchCommitConsumer previous = clients.get(Thread.currentThread());
        if (previous != null) {
            previous.pauseBeforeNext(log);
        }
    }

    /** Why the group cannot read its topics or commit a record; empty if it can. */
    public List<String> troubles(KafkaConfiguration consumer) {
        return Stream.concat(
                        clients(consumer)
                                .map(BatchCommitConsumer::persistentFailure)
                                .filter(Objects::nonNull),
                        heldPartitions.of(consumer.getGroupId()).stream())
                .distinct()
                .toList();
    }

    /** @throws BatchCommitConsumer.ConsumerThreadEnded if another thread has replaced the current one */
    void requireNotAbandoned() {
        BatchCommitConsumer client = clients.get(Thread.currentThread());
        if (client != null && client.consumerThread().isAbandoned()) {
            throw new BatchCommitConsumer.ConsumerThreadEnded("Another thread has replaced this one.");
        }
    }

    /**
     * Called when the current thread starts to process a record.
     *
     * @throws AttemptTimeoutException if a previous attempt at the record timed out
     */
    public void beginRecord(Exchange record, TopicPartition partition, long offset) {
        ConsumerThread consumerThread = ConsumerThread.current();
        if (consumerThread == null) {
            return;
        }
        record.setProperty(CONSUMER_THREAD, consumerThread);
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

    /** Its thread now waits until the record is due or the next attempt starts; this wait does not count as stuck. */
    public static void markWaiting(Exchange record) {
        ConsumerThread consumerThread = record.getProperty(CONSUMER_THREAD, ConsumerThread.class);
        if (consumerThread != null) {
            consumerThread.waits();
        }
    }

    /** The wait has ended and processing continues. */
    public static void markProcessing(Exchange record) {
        ConsumerThread consumerThread = record.getProperty(CONSUMER_THREAD, ConsumerThread.class);
        if (consumerThread != null) {
            consumerThread.works();
        }
    }

    /** The state of each thread of one consumer route, without those that ended with their client. */
    public List<ConsumerThread.Snapshot> look(KafkaConfiguration consumer) {
        clients.values().removeIf(client -> client.consumerThread().isOver());
        return clients(consumer)
                .map(BatchCommitConsumer::consumerThread)
                .filter(consumerThread -> !consumerThread.isAbandoned())
                .map(ConsumerThread::snapshot)
                .toList();
    }

    /**
     * Ends attempts that have run for longer than that: aborts their SQL transactions and interrupts their threads.
     * When their records are read again, they go to the next topic without another attempt here, because that would
     * block again.
     */
    public void interrupt(KafkaConfiguration consumer, Duration longestAttempt) {
        clients(consumer)
                .forEach(client -> client.endAttempt(
                        longestAttempt,
                        consumerThread -> stuckAt.put(
                                new StuckPlace(consumerThread.group(), consumerThread.partition()),
                                consumerThread.offset())));
    }

    /**
     * Abandons the threads of a route, because new ones replace them. Aborts their SQL transactions, which would block
     * the new threads, and closes their clients, which the group would otherwise wait for. A thread that still
     * processes a record ends after that record. A client that is in use by its thread stays open, and the group
     * continues without it after {@code max.poll.interval.ms}.
     */
    public void abandon(KafkaConfiguration consumer) {
        clients(consumer).forEach(client -> {
            client.abandon();
            try {
                client.close(CLOSE);
            } catch (KafkaException | ConcurrentModificationException e) {
                LOG.warn("Could not close a Kafka client of group {}: {}", consumer.getGroupId(), e.toString());
            }
        });
    }

    private Stream<BatchCommitConsumer> clients(KafkaConfiguration consumer) {
        Set<String> topics = Set.copyOf(List.of(consumer.getTopic().split(",")));
        return clients.values().stream()
                .filter(client -> client.consumerThread().reads(consumer.getGroupId(), topics));
    }
}
