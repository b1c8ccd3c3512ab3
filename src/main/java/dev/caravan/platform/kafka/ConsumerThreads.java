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
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final String CONSUMER_THREAD = "CaravanConsumerThread";

    private final Map<Thread, BatchCommitConsumer> clients = new ConcurrentHashMap<>();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private final BlockedPartitions blockedPartitions = new BlockedPartitions();

    /** For each partition, the offset of the last record whose attempt timed out. */
    private final Map<GroupPartition, Long> timedOut = new ConcurrentHashMap<>();

    /** @return current number of consumer threads */
    int add(BatchCommitConsumer client) {
        clients.values().removeIf(each -> each.consumerThread().isOver());
        BatchCommitConsumer previous = clients.put(Thread.currentThread(), client);
        if (previous != null) {
            client.continueFailuresOf(previous);
        }
        return clients.size();
    }

    BlockedPartitions blockedPartitions() {
        return blockedPartitions;
    }

    /**
     * Called before the current thread gets its next client. Waits if polls of its previous client failed.
     *
     * @throws ConsumerThread.ConsumerThreadEndedError if another thread has replaced the current one
     */
    void awaitNextClient() {
        BatchCommitConsumer previous = clients.get(Thread.currentThread());
        if (previous != null) {
            previous.pauseAfterFailure(log);
            previous.consumerThread().requireNotAbandoned();
        }
    }

    /** Why the consumer cannot read its topics or commit a record; empty if it can. */
    public List<String> failures(KafkaConfiguration consumer) {
        return Stream.concat(
                        clients(consumer)
                                .map(BatchCommitConsumer::persistentFailure)
                                .filter(Objects::nonNull),
                        blockedPartitions.describe(consumer.getGroupId()).stream())
                .distinct()
                .toList();
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
        consumerThread.beginRecord(partition, offset);
        GroupPartition key = new GroupPartition(consumerThread.group(), partition);
        if (timedOut.getOrDefault(key, -1L) == offset) {
            throw new AttemptTimeoutException();
        }
        timedOut.computeIfPresent(key, (same, stuck) -> stuck < offset ? null : stuck);
    }

    /** The thread now waits until the record is due or the next attempt starts. This does not count as stuck. */
    public static void markWaiting(Exchange record) {
        enter(record, ConsumerThread.Phase.WAITING);
    }

    /** The wait has ended and processing continues; the time limit of an attempt starts. */
    public static void markProcessing(Exchange record) {
        enter(record, ConsumerThread.Phase.WORKING);
    }

    private static void enter(Exchange record, ConsumerThread.Phase phase) {
        ConsumerThread consumerThread = record.getProperty(CONSUMER_THREAD, ConsumerThread.class);
        if (consumerThread != null) {
            consumerThread.enter(phase);
        }
    }

    /** The state of each thread of a consumer, without threads that ended after their client was closed. */
    public List<ConsumerThread.Snapshot> snapshots(KafkaConfiguration consumer) {
        clients.values().removeIf(client -> client.consumerThread().isOver());
        return clients(consumer)
                .map(BatchCommitConsumer::consumerThread)
                .filter(consumerThread -> !consumerThread.isAbandoned())
                .map(ConsumerThread::snapshot)
                .toList();
    }

    /**
     * Ends attempts that have run for too long: aborts their SQL transactions and interrupts their threads. When their
     * records are read again, they go to the next topic without another attempt here, because that would block again.
     */
    public void interrupt(KafkaConfiguration consumer, Duration longestAttempt) {
        clients(consumer).forEach(client -> {
            ConsumerThread thread = client.consumerThread();
            ConsumerThread.PhaseStart phaseStart = thread.phaseStart();
            ConsumerThread.Snapshot snapshot = thread.snapshot(phaseStart);
            if (snapshot.runs() && snapshot.isAt(ConsumerThread.Phase.WORKING, longestAttempt)) {
                timedOut.put(new GroupPartition(thread.group(), thread.partition()), thread.offset());
                client.abortTransaction();
                thread.interrupt(phaseStart);
            }
        });
    }

    /**
     * Abandons the threads of a route, because new ones replace them. Aborts their SQL transactions, which would block
     * the new threads, and closes their clients, which the group would otherwise wait for. A thread that still
     * processes a record ends after that record. A client that is in use by its thread stays open, and the group
     * continues without it after {@code max.poll.interval.ms}.
     */
    public void abandon(KafkaConfiguration consumer) {
        clients(consumer).forEach(client -> {
            client.consumerThread().markAbandoned();
            if (client.consumerThread().snapshot().runs()) {
                client.abortTransaction();
            }
            try {
                client.close(CLOSE_TIMEOUT);
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
