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
import java.util.function.Consumer;
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
 * the repetition, a partition that receives no further record would stay uncommitted until the next start. When a
 * partition is revoked, its failed commits are dropped: the next owner reads from the last commit.
 *
 * <p>A record that is read again repeatedly, and a client whose polls fail, are retried with the pauses of
 * {@link Backoff}.
 *
 * <p>A topic that is deleted and created again while it is read is read from its start.
 */
final class BatchCommitConsumer extends KafkaConsumer<Object, Object> {

    /** Consecutive failed polls of all clients of a thread. */
    private record FailedPolls(int count, long lastNanos, String reason) {

        boolean continuesAt(long nanos) {
            return Backoff.isConsecutive(Duration.ofNanos(nanos - lastNanos));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(BatchCommitConsumer.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** Maximum wait of a poll while the program stops: consumers stop one by one, each after its current poll. */
    private static final Duration LAST_POLLS = Duration.ofMillis(10);

    private final BatchCommitListener batchCommitListener;
    private final ConsumerThread consumerThread;
    private final BlockedPartitions blockedPartitions;
    private final Consumer<Duration> rebalanceListener;
    private final BooleanSupplier stopping;

    private final RecreatedTopics recreatedTopics = new RecreatedTopics(this);
    private final CountDownLatch wakeupSignal = new CountDownLatch(1);
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    /** Assigned partitions that are paused because they are blocked. */
    private final Set<TopicPartition> paused = new HashSet<>();

    private boolean commitInFlight;
    private boolean suspended;
    private boolean assigning;
    private double rebalanceMillis;
    /** Null unless the last poll failed. */
    private volatile FailedPolls failedPolls;

    /**
     * @param rebalanceListener gets the duration of each rebalance
     * @param stopping whether the program is stopping
     */
    BatchCommitConsumer(
            Properties properties,
            BatchCommitListener batchCommitListener,
            ConsumerThread consumerThread,
            BlockedPartitions blockedPartitions,
            Consumer<Duration> rebalanceListener,
            BooleanSupplier stopping) {
        super(properties);
        this.batchCommitListener = batchCommitListener;
        this.consumerThread = consumerThread;
        this.blockedPartitions = blockedPartitions;
        this.rebalanceListener = rebalanceListener;
        this.stopping = stopping;
    }

    ConsumerThread consumerThread() {
        return consumerThread;
    }

    void abortTransaction() {
        batchCommitListener.abort(consumerThread.thread());
    }

    /** Waits if the last poll failed. A stop ends the wait. Called on the consumer thread. */
    void pauseAfterFailure(RateLimitedLogger log) {
        FailedPolls failed = failedPolls;
        if (failed == null) {
            return;
        }
        String group = consumerThread.group();
        log.warn(LOG, group, "The consumer of group {} cannot read: {}", group, failed.reason());
        consumerThread.enter(ConsumerThread.Phase.CONNECTING);
        try {
            wakeupSignal.await(Backoff.pause(failed.count()).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Continues the failure count of the thread's previous client. */
    void continueFailuresOf(BatchCommitConsumer previous) {
        failedPolls = previous.failedPolls;
    }

    /** Why the last polls failed; null unless at least {@link Backoff#REPORTED_FAILURES} consecutive ones did. */
    String persistentFailure() {
        FailedPolls failed = failedPolls;
        return failed != null && failed.count() >= Backoff.REPORTED_FAILURES && failed.continuesAt(System.nanoTime())
                ? failed.reason()
                : null;
    }

    private void recordFailure(RuntimeException failure) {
        long now = System.nanoTime();
        FailedPolls previous = failedPolls;
        int count = previous != null && previous.continuesAt(now) ? previous.count() + 1 : 1;
        failedPolls = new FailedPolls(count, now, ErrorText.line(failure));
    }

    @Override
    public void wakeup() {
        wakeupSignal.countDown();
        super.wakeup();
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        offsets.forEach(
                (partition, next) -> blockedPartitions.committed(consumerThread.group(), partition, next.offset()));
        uncommitted.keySet().removeAll(offsets.keySet());
        try {
            super.commitSync(offsets, timeout);
        } catch (CommitFailedException e) {
            // Another consumer owns the partitions.
            throw e;
        } catch (KafkaException e) {
            uncommitted.putAll(offsets);
            throw e;
        }
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        commitOrRewind();
        consumerThread.requireNotAbandoned();
        if (!uncommitted.isEmpty() && !commitInFlight) {
            commitInFlight = true;
            commitAsync(Map.copyOf(uncommitted), (offsets, failure) -> {
                commitInFlight = false;
                if (failure == null) {
                    uncommitted.entrySet().removeAll(offsets.entrySet());
                }
            });
        }
        return read(stopping.getAsBoolean() ? LAST_POLLS : timeout);
    }

    private ConsumerRecords<Object, Object> read(Duration timeout) {
        consumerThread.beginPoll();
        resumeDue();
        try {
            ConsumerRecords<Object, Object> records = rereadRecreated(super.poll(timeout));
            if (!assignment().isEmpty()) {
                failedPolls = null;
            }
            int partitions = assignment().size();
            consumerThread.setAssignment(partitions, partitions > 0 || isMember());
            batchCommitListener.polled(records);
            return records;
        } catch (InterruptException e) {
            // The exception has set the interrupt flag again, and a client cannot be closed while it is set.
            Thread.interrupted();
            try {
                commitOrRewind();
            } finally {
                super.close(CLOSE_TIMEOUT);
            }
            throw new ConsumerThread.ConsumerThreadEndedError("The thread was interrupted.");
        } catch (WakeupException e) {
            commitOrRewind();
            throw e;
        } catch (RuntimeException e) {
            consumerThread.setAssignment(0, false);
            recordFailure(e);
            commitOrRewind();
            throw e;
        } finally {
            consumerThread.enter(ConsumerThread.Phase.WORKING);
        }
    }

    /**
     * Seeks to the start of topics that were created again, and commits that at the next poll, so that a restart does not
     * continue from the offsets of the old topic.
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
                blockedPartitions.unblock(consumerThread.group(), partition);
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

    /** Outside an assignment a seek reads a record again, so it blocks the partition. */
    @Override
    public void seek(TopicPartition partition, long offset) {
        super.seek(partition, offset);
        if (!assigning) {
            blockedPartitions.block(consumerThread.group(), partition, offset);
            pauseBlocked(Set.of(partition));
        }
    }

    private void pauseBlocked(Collection<TopicPartition> partitions) {
        List<TopicPartition> waiting =
                partitions.stream().filter(this::isBlocked).toList();
        paused.addAll(waiting);
        super.pause(waiting);
    }

    private void resumeDue() {
        List<TopicPartition> due =
                paused.stream().filter(each -> !isBlocked(each)).toList();
        due.forEach(paused::remove);
        if (!suspended) {
            super.resume(due.stream().filter(assignment()::contains).toList());
        }
    }

    private boolean isBlocked(TopicPartition partition) {
        return blockedPartitions.isPaused(consumerThread.group(), partition);
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
        super.resume(partitions.stream().filter(each -> !paused.contains(each)).toList());
    }

    @Override
    public void close() {
        super.close();
        consumerThread.markClosed();
    }

    @Override
    public void close(Duration timeout) {
        super.close(timeout);
        consumerThread.markClosed();
    }

    @Override
    public void unsubscribe() {
        commitOrRewind();
        super.unsubscribe();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        consumerThread.setTopics(Set.copyOf(topics));
        super.subscribe(topics, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                release(partitions);
                listener.onPartitionsRevoked(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                release(partitions);
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
                pauseBlocked(partitions);
            }
        });
    }

    private void release(Collection<TopicPartition> partitions) {
        commitOrRewind();
        uncommitted.keySet().removeAll(partitions);
        paused.removeAll(partitions);
    }

    /** Kafka's client adds up the time from the first request to join until it knows its partitions. */
    private void reportRebalance() {
        metrics().forEach((name, metric) -> {
            if (name.name().equals("rebalance-latency-total") && metric.metricValue() instanceof Double total) {
                rebalanceListener.accept(Duration.ofMillis(Math.round(total - rebalanceMillis)));
                rebalanceMillis = total;
            }
        });
    }
}
