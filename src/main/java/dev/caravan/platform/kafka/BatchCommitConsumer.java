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
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
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
 * A consumer that settles what it has brought before it waits for more, and whose failed commits are made up for at its next polls. While
 * there is so much to read that a poll brings all that it may, what several have brought is settled together.
 *
 * <p>A commit fails while a broker is away or a rebalance runs; the consumer may keep its partition all the same, and if nothing more comes
 * upon it, nobody would commit it ever again: what is done would count as not done until the next start.
 *
 * <p>A record that has to be read again time and again, and a client whose polls fail, are tried with pauses of a {@link Backoff}.
 *
 * <p>A partition that is taken away takes what was owed with it: its next owner reads from the last commit.
 */
final class BatchCommitConsumer extends KafkaConsumer<Object, Object> {

    /** Ends the thread that reads: after an exception Camel would give it a new client, and after an interrupt do so for ever. */
    static final class ConsumerThreadEnded extends Error {
        private static final long serialVersionUID = 1L;

        ConsumerThreadEnded(String reason) {
            super(reason, null, false, false);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(BatchCommitConsumer.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Map<TopicPartition, OffsetAndMetadata> owed = new HashMap<>();
    private final BatchCommitListener batchCommitListener;
    private final ConsumerThread consumerThread;
    private final HeldPartitions heldPartitions;
    private final Set<TopicPartition> held = new HashSet<>();
    private final CountDownLatch woken = new CountDownLatch(1);
    private final int most;
    private boolean full;
    private boolean paying;
    private boolean suspended;
    private boolean assigning;
    /** Of this thread's clients: polls that failed, one soon after the other. */
    private volatile int failures;

    private volatile long failedAt;
    private volatile String trouble;

    BatchCommitConsumer(
            Properties properties,
            BatchCommitListener batchCommitListener,
            ConsumerThread consumerThread,
            HeldPartitions heldPartitions) {
        super(properties);
        this.heldPartitions = heldPartitions;
        this.batchCommitListener = batchCommitListener;
        this.consumerThread = consumerThread;
        this.most = Integer.parseInt(properties
                .getOrDefault(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, ConsumerConfig.DEFAULT_MAX_POLL_RECORDS)
                .toString());
    }

    ConsumerThread reader() {
        return consumerThread;
    }

    /** Its thread takes up no other record, and what it has open in the database ends. */
    void abandon() {
        consumerThread.abandoned();
        if (consumerThread.look().runs()) {
            batchCommitListener.abort(consumerThread.thread());
        }
    }

    /** @param stuck is told of the reader whose attempt has taken longer, before anything ends it */
    void endAttempt(Duration longer, java.util.function.Consumer<ConsumerThread> stuck) {
        ConsumerThread.PhaseStart phaseStart = consumerThread.at();
        if (consumerThread.look(phaseStart).isAt(ConsumerThread.Phase.WORKING, longer)
                && consumerThread.look(phaseStart).runs()) {
            stuck.accept(consumerThread);
            batchCommitListener.abort(consumerThread.thread());
            consumerThread.interrupt(phaseStart);
        }
    }

    /**
     * Called by the thread that reads, before it gets the next client: where a poll has failed, it waits. A stop ends the wait.
     */
    void pauseBeforeNext(RateLimitedLogger log) {
        String reason = trouble;
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
            woken.await(Backoff.pause(failures).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Goes on counting where the thread's previous client has ended. */
    void follows(BatchCommitConsumer before) {
        failures = before.failures;
        failedAt = before.failedAt;
        trouble = before.trouble;
    }

    /** Why the last polls failed; null where they did not. */
    String trouble() {
        boolean lasts =
                failures >= Backoff.SERIOUS && Backoff.isSameRow(Duration.ofNanos(System.nanoTime() - failedAt));
        return lasts ? trouble : null;
    }

    private void failed(RuntimeException failure) {
        long now = System.nanoTime();
        failures = trouble != null && Backoff.isSameRow(Duration.ofNanos(now - failedAt)) ? failures + 1 : 1;
        failedAt = now;
        trouble = ErrorText.line(failure);
    }

    @Override
    public void wakeup() {
        woken.countDown();
        super.wakeup();
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        offsets.forEach((partition, next) -> heldPartitions.passed(consumerThread.group(), partition, next.offset()));
        owed.keySet().removeAll(offsets.keySet());
        try {
            super.commitSync(offsets, timeout);
        } catch (CommitFailedException e) {
            // The partitions are another consumer's.
            throw e;
        } catch (KafkaException e) {
            owed.putAll(offsets);
            throw e;
        }
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (full && !consumerThread.isAbandoned() && batchCommitListener.canWait()) {
            ConsumerRecords<Object, Object> records = read(Duration.ZERO);
            if (!records.isEmpty()) {
                return records;
            }
        }
        settle();
        if (consumerThread.isAbandoned()) {
            throw new ConsumerThreadEnded("Another thread reads in its place.");
        }
        if (!owed.isEmpty() && !paying) {
            paying = true;
            commitAsync(Map.copyOf(owed), (offsets, failure) -> {
                paying = false;
                if (failure == null) {
                    owed.entrySet().removeAll(offsets.entrySet());
                }
            });
        }
        return read(timeout);
    }

    private ConsumerRecords<Object, Object> read(Duration timeout) {
        consumerThread.polls();
        resumeHeld();
        try {
            ConsumerRecords<Object, Object> records = super.poll(timeout);
            if (!assignment().isEmpty()) {
                trouble = null;
            }
            full = records.count() >= most;
            int partitions = assignment().size();
            consumerThread.has(partitions, partitions > 0 || isMember());
            return records;
        } catch (InterruptException e) {
            // It came with the flag raised again, with which no client can be closed.
            Thread.interrupted();
            try {
                settle();
            } finally {
                super.close(CLOSE);
            }
            throw new ConsumerThreadEnded("The thread was interrupted.");
        } catch (WakeupException e) {
            settle();
            throw e;
        } catch (RuntimeException e) {
            consumerThread.has(0, false);
            failed(e);
            settle();
            throw e;
        } finally {
            consumerThread.works();
        }
    }

    private boolean isMember() {
        return groupMetadata().generationId() != JoinGroupRequest.UNKNOWN_GENERATION_ID;
    }

    /** Within a poll too, whose records then begin where they have to. */
    private void settle() {
        batchCommitListener.settle().forEach((partition, offset) -> {
            if (assignment().contains(partition)) {
                seek(partition, offset);
            }
        });
    }

    /** To read a record again, unless it is where a partition that was assigned begins. */
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

    /** The route is suspended. */
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
        settle();
        super.unsubscribe();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        consumerThread.subscribed(Set.copyOf(topics));
        super.subscribe(topics, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                settle();
                owed.keySet().removeAll(partitions);
                held.removeAll(partitions);
                listener.onPartitionsRevoked(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                settle();
                owed.keySet().removeAll(partitions);
                held.removeAll(partitions);
                listener.onPartitionsLost(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
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
}
