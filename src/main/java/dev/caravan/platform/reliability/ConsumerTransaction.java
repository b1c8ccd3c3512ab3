package dev.caravan.platform.reliability;

import dev.caravan.operations.metrics.Counters;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.database.Database;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.kafka.BatchCommitListener;
import dev.caravan.platform.publish.PendingAcks;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Topics;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What a consumer reads without waiting is committed together: the effects of its records as one SQL transaction, then their
 * offsets. A record that fails takes nothing with it but its own effect, for which it has a savepoint; where its next topic does
 * not take it, it is read again, and so are the records behind it, whose effects are found.
 *
 * <p>A batch ends with a poll that does not bring all that it may, or {@code KAFKA_CONSUMER_COMMIT_INTERVAL} after its first record
 * is done, or with a thousand records, or when something has to wait. Where its transaction cannot be committed, none of its records
 * counts as processed, and all are read again: those whose effect the database has all the same are found there by their MessageIDs.
 */
public final class ConsumerTransaction extends ContextBean implements BatchCommitListener {

    /**
     * The records before this one have to be processed again; this one keeps its place behind them. It has no cause, for Camel would
     * take this one's policy from that: it would wait for a database that answers already, as if it had failed itself.
     */
    public static final class TransactionLostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TransactionLostException(Throwable why) {
            super("The records since the last commit are read again, for not all of them could be committed: " + why);
        }
    }

    private record Done(Delivery delivery, boolean processed) {}

    private record Effect(Delivery delivery, Runnable undo) {}

    private record HandedOver(FailedAttempts.FailedAttempt record, PendingAcks outstanding) {}

    /** Of one consumer's thread. */
    private static final class OpenTransaction {
        private TransactionStatus transaction;
        /** What the open transaction runs on, for the thread that has to end it in this one's place. */
        private volatile Connection connection;
        /** Another thread consumes in place of this one. */
        private volatile boolean aborted;

        private final List<Effect> effects = new ArrayList<>();
        private final List<HandedOver> handed = new ArrayList<>();
        private final List<Done> done = new ArrayList<>();
        private long since;
        /** Number of upcoming records with a transaction of their own: one of them may have caused the last rollback. */
        private int alone;

        private Exception lost;
        /** Once something is lost: the first record of each partition that has to be read again. */
        private final Map<TopicPartition, Long> again = new HashMap<>();

        void lose(Delivery delivery, Exception why) {
            lost = why;
            again.merge(partition(delivery), delivery.offset(), Math::min);
        }

        boolean stands(Delivery delivery) {
            return delivery.offset() < again.getOrDefault(partition(delivery), Long.MAX_VALUE);
        }
    }

    /** What a larger one keeps in memory costs more than it saves. */
    private static final int LARGEST = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerTransaction.class);

    private final ThreadLocal<OpenTransaction> open = ThreadLocal.withInitial(OpenTransaction::new);
    private final Map<Thread, OpenTransaction> inTransaction = new ConcurrentHashMap<>();
    private final LongAdder processed = new LongAdder();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private long intervalNanos;
    private volatile PlatformTransactionManager transactions;

    /** From here on what this thread writes to the database is part of the batch, unless the record has its own transaction. */
    void begin() {
        OpenTransaction batch = sound();
        if (batch.transaction == null && batch.alone == 0) {
            batch.transaction = transactions().getTransaction(new DefaultTransactionDefinition());
        }
    }

    /** Within a transaction: it can be ended from elsewhere until {@link #left}. */
    void entered() {
        OpenTransaction batch = open.get();
        Object holder = TransactionSynchronizationManager.getResource(bean(DataSource.class));
        batch.connection = ((ConnectionHolder) holder).getConnection();
        inTransaction.put(Thread.currentThread(), batch);
    }

    /** The steps of a record are over; a transaction of its own has ended. */
    void left() {
        if (open.get().transaction == null) {
            inTransaction.remove(Thread.currentThread());
        }
    }

    @Override
    public void abort(Thread consumer) {
        OpenTransaction batch = inTransaction.remove(consumer);
        if (batch != null) {
            batch.aborted = true;
            if (bean(DataSource.class) instanceof Database database) {
                database.abort(batch.connection);
            }
        }
    }

    @Override
    public void consumers(int threads) {
        if (bean(DataSource.class) instanceof Database database) {
            database.consumers(threads);
        }
    }

    /** The record's effect was rolled back. Within a batch it has registered nothing yet; in its own transaction it may have. */
    void back() {
        OpenTransaction batch = open.get();
        if (batch.transaction == null) {
            undo(batch);
        }
    }

    /** @param undo called when the transaction is not committed */
    void effect(Delivery delivery, Runnable undo) {
        open.get().effects.add(new Effect(delivery, undo));
    }

    /**
     * Counted, and its attempts written, once what the others have done is.
     *
     * @param outstanding the next topic has the record once this has ended well
     */
    void handed(FailedAttempts.FailedAttempt record, PendingAcks pendingAcks) {
        open.get().handed.add(new HandedOver(record, pendingAcks));
    }

    /** @throws TransactionLostException when the batch could not be committed, and the consumer has not read again yet */
    OpenTransaction sound() {
        OpenTransaction batch = open.get();
        if (batch.aborted) {
            throw new TransactionLostException(
                    new IllegalStateException("another thread consumes in place of this one"));
        }
        if (batch.lost != null) {
            throw new TransactionLostException(batch.lost);
        }
        return batch;
    }

    /** @param processed false where the record is not processed but safe in another topic */
    void add(Delivery delivery, boolean processed) {
        OpenTransaction batch = open.get();
        batch.done.add(new Done(delivery, processed));
        boolean alone = batch.alone > 0;
        if (alone) {
            batch.alone--;
        }
        long now = System.nanoTime();
        if (batch.done.size() == 1) {
            batch.since = now;
        }
        if (alone || now - batch.since >= intervalNanos || batch.done.size() >= LARGEST) {
            commit(batch);
        }
    }

    /** Ends the batch before the consumer waits for more. */
    void end() {
        commit(sound());
        sound();
    }

    /** Whether there is something to commit that is neither due nor lost. */
    @Override
    public boolean canWait() {
        OpenTransaction batch = open.get();
        return batch.lost == null && !batch.done.isEmpty() && System.nanoTime() - batch.since < intervalNanos;
    }

    @Override
    public Map<TopicPartition, Long> settle() {
        // A record that left its route by an exception is not what comes next.
        MDC.clear();
        OpenTransaction batch = open.get();
        if (batch.lost == null) {
            commit(batch);
        }
        if (batch.lost == null) {
            return Map.of();
        }
        open.remove();
        open.get().alone = batch.alone;
        open.get().aborted = batch.aborted;
        return batch.again;
    }

    private void commit(OpenTransaction batch) {
        if (!commitEffects(batch)) {
            return;
        }
        awaitNextTopics(batch);
        if (batch.lost != null) {
            batch.handed.removeIf(each -> !batch.stands(each.record().delivery()));
            batch.done.removeIf(each -> !batch.stands(each.delivery()));
        }
        if (!batch.handed.isEmpty()) {
            List<FailedAttempts.FailedAttempt> failed =
                    batch.handed.stream().map(HandedOver::record).toList();
            batch.handed.clear();
            failed.forEach(this::count);
            // A transaction of their own, for a failure here must not touch the effects.
            bean(FailedAttempts.class).write(failed);
        }
        Map<TopicPartition, Delivery> last = new HashMap<>();
        for (Done each : batch.done) {
            if (each.processed()) {
                bean(Counters.class).processed(each.delivery().source());
                processed.increment();
            }
            last.put(partition(each.delivery()), each.delivery());
        }
        commitOffsets(last.values());
        batch.done.forEach(each -> CrashPoint.DONE.reachedBy(each.delivery().messageId()));
        batch.done.clear();
    }

    private boolean commitEffects(OpenTransaction batch) {
        TransactionStatus transaction = batch.transaction;
        batch.transaction = null;
        try {
            if (transaction != null) {
                transactions().commit(transaction);
            }
            batch.effects.forEach(
                    each -> CrashPoint.COMMITTED.reachedBy(each.delivery().messageId()));
            batch.effects.clear();
            return true;
        } catch (RuntimeException e) {
            undo(batch);
            batch.handed.clear();
            LogContext.none(() -> log.warn(
                    LOG,
                    "effects",
                    "The effects of {} records were not committed: {}",
                    batch.done.size(),
                    e.toString()));
            batch.alone += batch.done.size();
            batch.done.forEach(each -> batch.lose(each.delivery(), e));
            batch.done.clear();
            return false;
        } finally {
            inTransaction.remove(Thread.currentThread());
        }
    }

    private static void undo(OpenTransaction batch) {
        batch.effects.forEach(each -> each.undo().run());
        batch.effects.clear();
    }

    private static void awaitNextTopics(OpenTransaction batch) {
        for (HandedOver each : batch.handed) {
            Delivery delivery = each.record().delivery();
            try {
                each.outstanding().await();
                CrashPoint.HANDED.reachedBy(delivery.messageId());
            } catch (ExecutionException | InterruptedException e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                batch.lose(delivery, e);
            }
        }
    }

    private void count(FailedAttempts.FailedAttempt record) {
        Topics.Source source = record.delivery().source();
        if (record.isDead()) {
            bean(Counters.class).sentToDlq(source);
        } else {
            bean(Counters.class).retried(source);
        }
    }

    /**
     * A commit that fails is only logged. The effect has happened, so the record must not be treated as failed: either the
     * consumer makes up for the commit, or whoever gets the record again finds its MessageID.
     */
    private void commitOffsets(Collection<Delivery> last) {
        try {
            OffsetCommit.together(last.stream().map(Delivery::commit).toList());
        } catch (RuntimeException e) {
            LogContext.none(
                    () -> log.warn(LOG, "offset", "Offsets not committed yet, of {}: {}", places(last), e.toString()));
        }
    }

    private static String places(Collection<Delivery> records) {
        return records.stream()
                .map(each -> partition(each) + " up to " + each.offset())
                .collect(Collectors.joining(", "));
    }

    private static TopicPartition partition(Delivery delivery) {
        return new TopicPartition(delivery.source().name(), delivery.partition());
    }

    private PlatformTransactionManager transactions() {
        if (transactions == null) {
            transactions = new JdbcTransactionManager(bean(DataSource.class));
        }
        return transactions;
    }

    /** Messages processed since the start. */
    public long processed() {
        return processed.sum();
    }

    /** For so long at most records are processed and not committed; {@code 0ms}: each record is a batch of its own. */
    public void setInterval(String duration) {
        intervalNanos = Durations.millis(duration) * 1_000_000;
    }
}
