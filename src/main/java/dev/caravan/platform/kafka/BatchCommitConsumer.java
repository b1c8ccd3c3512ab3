package dev.caravan.platform.kafka;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer that commits the records of each poll before the next one, and repeats failed commits at its next polls.
 *
 * <p>A commit fails while a broker is unavailable or a rebalance runs, but the consumer may keep the partition. Without
 * the repetition, a partition that receives no further record would stay uncommitted until the next start.
 *
 * <p>A record that is read again repeatedly, and a client whose polls fail, are retried with the pauses of
 * {@link Backoff}.
 *
 * <p>A topic that is deleted and created again while it is read is read from its start.
 *
 * <p>When a partition is revoked, its failed commits are dropped: the next owner reads from the last commit.
 */
final class BatchCommitConsumer extends KafkaConsumer<Object, Object> {

    /**
     * Ends the consumer thread. After an exception Camel would create a new client; after an interrupt it would do so
     * forever.
     */
    static final class ConsumerThreadEnded extends Error {
        private static final long serialVersionUID = 1L;

        ConsumerThreadEnded(String reason) {
            super(reason, null, false, false);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(BatchCommitConsumer.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    /** Maximum wait of a poll while the program stops: consumers stop one by one, each after its current poll. */
    private static final Duration LAST_POLLS = Duration.ofMillis(10);

    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private final BatchCommitListener batchCommitListener;
    private final ConsumerThread consumerThread;
    private final HeldPartitions heldPartitions;
    private final Set<TopicPartition> held = new HashSet<>();
    private final RecreatedTopics recreatedTopics = new RecreatedTopics(this);
    private final CountDownLatch wakeupSignal = new CountDownLatch(1);
    private boolean commitInFlight;
    private boolean suspended;
    private boolean assigning;
    /** Consecutive failed polls of all clients of this thread. */
    private volatile int failures;

    private volatile long failedAt;
    private volatile String lastFailure;
    private final java.util.function.Consumer<Duration> rebalanced;
    private final BooleanSupplier ending;
    private double rebalanceMillis;

    BatchCommitConsumer(
            Properties properties,
            BatchCommitListener batchCommitListener,
            ConsumerThread consumerThread,
            HeldPartitions heldPartitions,
            java.util.function.Consumer<Duration> rebalanced,
            BooleanSupplier ending) {
        super(properties);
        this.rebalanced = rebalanced;
        this.ending = ending;
        this.heldPartitions = heldPartitions;
        this.batchCommitListener = batchCommitListener;
        this.consumerThread = consumerThread;
    }

    ConsumerThread consumerThread() {
        return consumerThread;
    }

    /** Its thread processes no further record, and its open database transaction is aborted. */
    void abandon() {
        consumerThread.abandoned();
        if (consumerThread.snapshot().runs()) {
            batchCommitListener.abort(consumerThread.thread());
        }
    }

    /**
     * Aborts the current attempt if it has run for longer than that.
     *
     * @param stuck called with the thread before the attempt is aborted
     */
    void endAttempt(Duration longer, java.util.function.Consumer<ConsumerThread> stuck) {
        ConsumerThread.PhaseStart phaseStart = consumerThread.phaseStart();
        if (consumerThread.snapshot(phaseStart).isAt(ConsumerThread.Phase.WORKING, longer)
                && consumerThread.snapshot(phaseStart).runs()) {
            stuck.accept(consumerThread);
            batchCommitListener.abort(consumerThread.thread());
            consumerThread.interrupt(phaseStart);
        }
    }

    /**
     * Called on the consumer thread before it gets its next client: waits if a poll of this one failed. A stop ends the
     * wait.
     */
    void pauseBeforeNext(RateLimitedLogger log) {
        String reason = lastFailure;
        if (reason == null) {
            return;
        }
        log.warn(
                LOG,
                consumerThread.group(),
                "The consumer of group {} cannot read: {}",
                consumerThread.group(),
                reason);
        consumerThread.connects();
        try {
            wakeupSignal.await(Backoff.pause(failures).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Continues the failure count of the thread's previous client. */
    void continueFailuresOf(BatchCommitConsumer previous) {
        failures = previous.failures;
        failedAt = previous.failedAt;
        lastFailure = previous.lastFailure;
    }

    /** Why the last polls failed; null unless at least {@link Backoff#REPORTED_FAILURES} consecutive ones did. */
    String persistentFailure() {
        boolean lasts = failures >= Backoff.REPORTED_FAILURES
                && Backoff.isConsecutive(Duration.ofNanos(System.nanoTime() - failedAt));
        return lasts ? lastFailure : null;
    }

    private void recordFailure(RuntimeException failure) {
        long now = System.nanoTime();
        failures = lastFailure != null && Backoff.isConsecutive(Duration.ofNanos(now - failedAt)) ? failures + 1 : 1;
        failedAt = now;
        lastFailure = ErrorText.line(failure);
    }

    @Override
    public void wakeup() {
        wakeupSignal.countDown();
        super.wakeup();
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        offsets.forEach(
                (partition, next) -> heldPartitions.committed(consumerThread.group(), partition, next.offset()));
        uncommitted.keySet().removeAll(offsets.keySet());
        try {
            super.commitSync(offsets, timeout);
        } catch (CommitFailedException e) {
            // The partitions are another consumer's.
            throw e;
        } catch (KafkaException e) {
            uncommitted.putAll(offsets);
            throw e;
        }
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        commitOrRewind();
        if (consumerThread.isAbandoned()) {
            throw new ConsumerThreadEnded("Another thread has replaced this one.");
        }
        if (!uncommitted.isEmpty() && !commitInFlight) {
            commitInFlight = true;
            commitAsync(Map.copyOf(uncommitted), (offsets, failure) -> {
                commitInFlight = false;
                if (failure == null) {
                    uncommitted.entrySet().removeAll(offsets.entrySet());
                }
            });
        }
        return read(ending.getAsBoolean() ? LAST_POLLS : timeout);
    }

    private ConsumerRecords<Object, Object> read(Duration timeout) {
        consumerThread.polls();
        resumeHeld();
        try {
            ConsumerRecords<Object, Object> records = rereadRecreated(super.poll(timeout));
            if (!assignment().isEmpty()) {
                lastFailure = null;
            }
            int partitions = assignment().size();
            consumerThread.assigned(partitions, partitions > 0 || isMember());
            batchCommitListener.polled(records);
            return records;
        } catch (InterruptException e) {
            // The exception has set the interrupt flag again, and a client cannot be closed while it is set.
            Thread.interrupted();
            try {
                commitOrRewind();
            } finally {
                super.close(CLOSE);
            }
            throw new ConsumerThreadEnded("The thread was interrupted.");
        } catch (WakeupException e) {
            commitOrRewind();
            throw e;
        } catch (RuntimeException e) {
            consumerThread.assigned(0, false);
            recordFailure(e);
            commitOrRewind();
            throw e;
        } finally {
            consumerThread.works();
        }
    }

    /**
     * Returns to the start of topics that were created again during the poll, and also commits that, so that a restart
     * does not continue from the offsets of the old topic.
     *
     * @return the records of the other topics
     */
    private ConsumerRecords<Object, Object> rereadRecreated(ConsumerRecords<Object, Object> records) {
        Set<String> topics = recreatedTopics.among(subscription());
        if (topics.isEmpty()) {
            return records;
        }
        LOG.warn("Topics {} were deleted and created again; reading them from their start", topics);
        commitOrRewind();
        Map<TopicPartition, List<ConsumerRecord<Object, Object>>> others = new HashMap<>();
        for (TopicPartition partition : assignment()) {
            if (topics.contains(partition.topic())) {
                heldPartitions.release(consumerThread.group(), partition);
                super.seek(partition, 0);
                uncommitted.put(partition, new OffsetAndMetadata(0));
            } else {
                others.put(partition, records.records(partition));
            }
        }
        return new ConsumerRecords<>(others);
    }

    private boolean isMember() {
        return groupMetadata().generationId() != JoinGroupRequest.UNKNOWN_GENERATION_ID;
    }

    /** Also called within a poll, by the rebalance listener: that poll then returns records from the new positions. */
    private void commitOrRewind() {
        batchCommitListener.commitOrRewind().forEach((partition, offset) -> {
            // The client of an abandoned thread may be closed.
            if (!consumerThread.isAbandoned() && assignment().contains(partition)) {
                seek(partition, offset);
            }
        });
    }

    /** A seek outside an assignment reads a record again, so it holds the partition. */
    @Override
    public void seek(TopicPartition partition, long offset) {
        super.seek(partition, offset);
        if (!assigning) {
            heldPartitions.hold(consumerThread.group(), partition, offset);
            pauseHeld(Set.of(partition));
        }
    }

    private void pauseHeld(Collection<TopicPartition> partitions) {
        List<TopicPartition> waiting = partitions.stream()
                .filter(each -> heldPartitions.waits(consumerThread.group(), each))
                .toList();
        held.addAll(waiting);
        super.pause(waiting);
    }

    private void resumeHeld() {
        if (!held.isEmpty()) {
            List<TopicPartition> due = held.stream()
                    .filter(each -> !heldPartitions.waits(consumerThread.group(), each))
                    .toList();
            due.forEach(held::remove);
            if (!suspended) {
                super.resume(due.stream().filter(assignment()::contains).toList());
            }
        }
    }

    /** Called by Camel when the route is suspended. */
    @Override
    public void pause(Collection<TopicPartition> partitions) {
        suspended = true;
        super.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        suspended = false;
        super.resume(partitions.stream().filter(each -> !held.contains(each)).toList());
    }

    @Override
    public void close() {
        super.close();
        consumerThread.closed();
    }

    @Override
    public void close(Duration timeout) {
        super.close(timeout);
        consumerThread.closed();
    }

    @Override
    public void unsubscribe() {
        commitOrRewind();
        super.unsubscribe();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        consumerThread.subscribed(Set.copyOf(topics));
        super.subscribe(topics, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                commitOrRewind();
                uncommitted.keySet().removeAll(partitions);
                held.removeAll(partitions);
                listener.onPartitionsRevoked(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                commitOrRewind();
                uncommitted.keySet().removeAll(partitions);
                held.removeAll(partitions);
                listener.onPartitionsLost(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                reportRebalance();
                assigning = true;
                try {
                    listener.onPartitionsAssigned(partitions);
                } finally {
                    assigning = false;
                }
                pauseHeld(partitions);
            }
        });
    }

    /** Kafka's client adds up the time from the first request to join until it knows its partitions. */
    private void reportRebalance() {
        metrics().forEach((name, metric) -> {
            if (name.name().equals("rebalance-latency-total") && metric.metricValue() instanceof Double total) {
                rebalanced.accept(Duration.ofMillis(Math.round(total - rebalanceMillis)));
                rebalanceMillis = total;
            }
        });
    }
}
