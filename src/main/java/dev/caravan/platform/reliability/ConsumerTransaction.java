package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.database.Database;
import dev.caravan.platform.edge.LogContext;
import dev.caravan.platform.kafka.BatchCommitListener;
import dev.caravan.platform.kafka.TopicReader;
import dev.caravan.platform.publish.PendingAcks;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Counters;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
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
 * Commits the records of a poll together: their effects in one SQL transaction, then their offsets. A failed record
 * does not fail the others. A savepoint per record would cost two round trips to the database, so there are none until
 * a record fails. Then the transaction is rolled back and the poll is read again. These records and the next
 * {@value #SAVEPOINT_RECORDS} have a savepoint each.
 *
 * <p>The transaction is committed earlier if {@code KAFKA_CONSUMER_COMMIT_INTERVAL} has passed since its first record
 * was completed, and before any wait. If the next topic does not accept a failed record, that record and those behind
 * it are read again. If the commit fails, no record counts as processed and all are read again, each in its own
 * transaction. If the database committed nevertheless, deduplication finds their MessageIDs.
 */
public final class ConsumerTransaction extends ContextBean implements BatchCommitListener {

    /**
     * The previous records of the poll have to be processed again, and then this one. The exception has no cause, because
     * Camel would choose the error policy by the cause: this record would wait for the database although it did not
     * fail.
     */
    public static final class TransactionLostException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TransactionLostException(Throwable why) {
            super("Could not commit all records since the last commit; they are read again: " + why);
        }
    }

    private record CompletedDelivery(Delivery delivery, boolean processed) {}

    private record Effect(Delivery delivery, Runnable undo) {}

    private record HandOver(FailedAttempts.FailedRecord record, PendingAcks pendingAcks) {}

    /** The uncommitted records of one consumer thread. */
    private static final class OpenTransaction {
        private TransactionStatus status;
        /** The transaction's connection, for the thread that may abort it. */
        private volatile Connection connection;
        /** Another thread has replaced this one. */
        private volatile boolean aborted;

        private final List<Effect> effects = new ArrayList<>();
        private final List<HandOver> handOvers = new ArrayList<>();
        private final List<CompletedDelivery> completed = new ArrayList<>();
        private long firstCompletedNanos;
        /** Number of records that may have written something in the open transaction. */
        private int begun;
        /** Number of upcoming records to process in their own transactions, because one may have failed the last commit. */
        private int isolatedRecords;
        /** Number of upcoming records to process with a savepoint each. */
        private int savepointRecords;

        private ConsumerRecords<?, ?> polled = ConsumerRecords.empty();
        /** For each partition, the last offset of the poll that was committed. */
        private final Map<TopicPartition, Long> committed = new HashMap<>();

        /** Why the transaction was lost; null if it was not. */
        private Exception failure;

        /** The state after a rewind, which keeps what applies to upcoming records. */
        OpenTransaction rewound() {
            OpenTransaction next = new OpenTransaction();
            next.isolatedRecords = isolatedRecords;
            next.savepointRecords = savepointRecords;
            next.aborted = aborted;
            return next;
        }

        /** The first uncommitted offset of each partition. */
        Map<TopicPartition, Long> rereadFrom() {
            Map<TopicPartition, Long> first = new HashMap<>();
            for (ConsumerRecord<?, ?> record : polled) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() > committed.getOrDefault(partition, -1L)) {
                    first.merge(partition, record.offset(), Math::min);
                }
            }
            return first;
        }
    }

    private static final int SAVEPOINT_RECORDS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerTransaction.class);

    private final ThreadLocal<OpenTransaction> current = ThreadLocal.withInitial(OpenTransaction::new);
    private final Map<Thread, OpenTransaction> inTransaction = new ConcurrentHashMap<>();
    private final LongAdder processed = new LongAdder();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private long intervalNanos;
    private volatile PlatformTransactionManager transactions;

    /**
     * Opens the poll's transaction on this thread, unless the record is to be processed in its own.
     *
     * @return whether the caller has to open a savepoint or a transaction for the record; if not, the caller has to call
     *     {@link #rollback} if the record fails
     */
    boolean begin() {
        OpenTransaction open = requireIntact();
        if (open.status == null && open.isolatedRecords == 0) {
            open.status = transactions().getTransaction(new DefaultTransactionDefinition());
        }
        open.begun++;
        return open.isolatedRecords > 0 || open.savepointRecords > 0;
    }

    /** Rolls back the transaction, because a record without a savepoint has failed. */
    void rollback(Exception why) {
        OpenTransaction open = current.get();
        open.savepointRecords = SAVEPOINT_RECORDS;
        TransactionStatus status = open.status;
        open.status = null;
        try {
            transactions().rollback(status);
        } catch (RuntimeException e) {
            LOG.debug("Could not roll back; the connection is closed", e);
        }
        undo(open);
        if (open.begun > 1) {
            LogContext.none(() -> LOG.info(
                    "A record failed. The {} records before it are read again, with a savepoint each: {}",
                    open.completed.size(),
                    ErrorText.line(why)));
            lose(open, why);
        }
        open.begun = 0;
    }

    @Override
    public void polled(ConsumerRecords<Object, Object> records) {
        OpenTransaction open = current.get();
        open.polled = records;
        open.committed.clear();
    }

    /** The MessageIDs of the current poll; none if the record has a transaction of its own. */
    List<String> polledMessageIds() {
        OpenTransaction open = current.get();
        List<String> messageIds = new ArrayList<>();
        if (open.isolatedRecords == 0) {
            open.polled.forEach(record -> messageIds.add(TopicReader.messageId(record)));
        }
        return messageIds;
    }

    /** Called inside a transaction, which another thread can then abort until {@link #recordEnded}. */
    void transactionOpened() {
        OpenTransaction open = current.get();
        Object holder = TransactionSynchronizationManager.getResource(bean(DataSource.class));
        open.connection = ((ConnectionHolder) holder).getConnection();
        inTransaction.put(Thread.currentThread(), open);
    }

    /** Called after the steps of a record, when the record's own transaction has ended. */
    void recordEnded() {
        if (current.get().status == null) {
            inTransaction.remove(Thread.currentThread());
        }
    }

    @Override
    public void abort(Thread consumer) {
        OpenTransaction open = inTransaction.remove(consumer);
        if (open != null) {
            open.aborted = true;
            if (bean(DataSource.class) instanceof Database database) {
                database.abort(open.connection);
            }
        }
    }

    @Override
    public void threadsChanged(int threads) {
        if (bean(DataSource.class) instanceof Database database) {
            database.setConsumers(threads);
        }
    }

    /**
     * Called after a record's rollback. A record with its own transaction may have registered its effect before; one in
     * the poll's transaction has not.
     */
    void undoOwnEffect() {
        OpenTransaction open = current.get();
        if (open.status == null) {
            undo(open);
        }
    }

    /** @param undo called if the transaction is not committed */
    void effect(Delivery delivery, Runnable undo) {
        current.get().effects.add(new Effect(delivery, undo));
    }

    /**
     * Completes a record that goes to the next topic. After the commit of the effects it is counted and its attempts are
     * stored.
     *
     * @param pendingAcks succeeds once the next topic has the record
     */
    void addHandedOver(FailedAttempts.FailedRecord record, PendingAcks pendingAcks) {
        OpenTransaction open = current.get();
        open.handOvers.add(new HandOver(record, pendingAcks));
        // If a later record made it be read again, it would be handed over twice.
        open.savepointRecords = SAVEPOINT_RECORDS;
        add(record.delivery(), false);
    }

    /**
     * Whether the transaction was lost. The rest of the poll must be skipped; the whole poll is read again.
     */
    boolean isLost() {
        OpenTransaction open = current.get();
        if (open.aborted && open.failure == null) {
            open.failure = new IllegalStateException("another thread has replaced this one");
        }
        return open.failure != null;
    }

    /** @throws TransactionLostException if {@link #isLost} */
    private OpenTransaction requireIntact() {
        if (isLost()) {
            throw new TransactionLostException(current.get().failure);
        }
        return current.get();
    }

    /** @param processed false if the record was handed to the next topic */
    void add(Delivery delivery, boolean processed) {
        OpenTransaction open = current.get();
        if (isLost()) {
            return;
        }
        open.completed.add(new CompletedDelivery(delivery, processed));
        boolean isolated = open.isolatedRecords > 0;
        open.isolatedRecords = Math.max(0, open.isolatedRecords - 1);
        open.savepointRecords = Math.max(0, open.savepointRecords - 1);
        long now = System.nanoTime();
        if (open.completed.size() == 1) {
            open.firstCompletedNanos = now;
        }
        if (isolated || now - open.firstCompletedNanos >= intervalNanos) {
            commit(open);
        }
    }

    /** Commits the records that are complete. If that fails, the transaction is lost, which the next record finds. */
    void commitCompleted() {
        if (!isLost()) {
            commit(current.get());
        }
    }

    /**
     * Commits before the thread waits.
     *
     * @throws TransactionLostException if the transaction was lost
     */
    void commitBeforeWait() {
        commit(requireIntact());
        requireIntact();
    }

    @Override
    public Map<TopicPartition, Long> commitOrRewind() {
        // The last record may have left its route by an exception, without clearing the MDC.
        MDC.clear();
        commitCompleted();
        if (!isLost()) {
            return Map.of();
        }
        OpenTransaction open = current.get();
        current.set(open.rewound());
        return open.rereadFrom();
    }

    private void commit(OpenTransaction open) {
        if (!commitEffects(open)) {
            return;
        }
        Map<TopicPartition, Long> rejected = awaitNextTopics(open);
        open.handOvers.removeIf(each -> isBehind(rejected, each.record().delivery()));
        open.completed.removeIf(each -> isBehind(rejected, each.delivery()));
        if (!open.handOvers.isEmpty()) {
            List<FailedAttempts.FailedRecord> failed =
                    open.handOvers.stream().map(HandOver::record).toList();
            open.handOvers.clear();
            failed.forEach(record -> {
                Topics.Source source = record.delivery().source();
                if (record.isDead()) {
                    bean(Counters.class).sentToDlq(source);
                } else {
                    bean(Counters.class).retried(source);
                }
            });
            // In a separate transaction, because a failure here must not affect the effects.
            bean(FailedAttempts.class).write(failed);
        }
        Map<TopicPartition, Delivery> last = new HashMap<>();
        for (CompletedDelivery each : open.completed) {
            if (each.processed()) {
                bean(Counters.class).processed(each.delivery().source());
                processed.increment();
            }
            last.put(partition(each.delivery()), each.delivery());
            open.committed.put(partition(each.delivery()), each.delivery().offset());
        }
        commitOffsets(last.values());
        open.completed.forEach(each -> CrashPoint.DONE.reachedBy(each.delivery().messageId()));
        open.completed.clear();
    }

    private boolean commitEffects(OpenTransaction open) {
        TransactionStatus status = open.status;
        open.status = null;
        try {
            if (status != null) {
                transactions().commit(status);
            }
            open.effects.forEach(
                    each -> CrashPoint.COMMITTED.reachedBy(each.delivery().messageId()));
            open.effects.clear();
            return true;
        } catch (RuntimeException e) {
            undo(open);
            LogContext.none(() -> log.warn(
                    LOG,
                    "effects",
                    "Could not commit the effects of {} records; they are read again: {}",
                    open.completed.size(),
                    e.toString()));
            open.isolatedRecords += open.completed.size();
            lose(open, e);
            return false;
        } finally {
            open.begun = 0;
            inTransaction.remove(Thread.currentThread());
        }
    }

    private static void lose(OpenTransaction open, Exception why) {
        open.failure = why;
        open.handOvers.clear();
        open.completed.clear();
    }

    private static void undo(OpenTransaction open) {
        open.effects.forEach(each -> each.undo().run());
        open.effects.clear();
    }

    /** Waits for the acknowledgements. Returns, for each partition, the first record that its next topic rejected. */
    private static Map<TopicPartition, Long> awaitNextTopics(OpenTransaction open) {
        Map<TopicPartition, Long> rejected = new HashMap<>();
        for (HandOver each : open.handOvers) {
            Delivery delivery = each.record().delivery();
            try {
                each.pendingAcks().await();
                CrashPoint.HANDED.reachedBy(delivery.messageId());
            } catch (ExecutionException | InterruptedException e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                open.failure = e;
                rejected.merge(partition(delivery), delivery.offset(), Math::min);
            }
        }
        return rejected;
    }

    private static boolean isBehind(Map<TopicPartition, Long> rejected, Delivery delivery) {
        return delivery.offset() >= rejected.getOrDefault(partition(delivery), Long.MAX_VALUE);
    }

    /**
     * Only logs a failure. The records took effect, so they must not be treated as failed: either the consumer repeats
     * the commit, or deduplication skips the records when they are read again.
     */
    private void commitOffsets(Collection<Delivery> last) {
        try {
            OffsetCommit.commitAll(last.stream().map(Delivery::commit).toList());
        } catch (RuntimeException e) {
            LogContext.none(() ->
                    log.warn(LOG, "offset", "Could not commit the offsets of {} yet: {}", places(last), e.toString()));
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

    /** Maximum time between processing a record and its commit; with {@code 0ms} each record is committed alone. */
    public void setInterval(String duration) {
        intervalNanos = Durations.millis(duration) * 1_000_000;
    }
}
