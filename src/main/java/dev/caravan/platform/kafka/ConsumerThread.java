package dev.caravan.platform.kafka;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.apache.camel.component.kafka.KafkaFetchRecords;
import org.apache.kafka.common.TopicPartition;

/** The state of one consumer thread. Only that thread writes it; any thread may read it. */
public final class ConsumerThread {

    /** What the thread is doing. */
    public enum Phase {
        /** Its client has not polled yet. */
        CONNECTING,
        /** It polls Kafka for records. */
        POLLING,
        /** It processes a record or commits. */
        WORKING,
        /** It holds a record that is not due yet, or waits before the next attempt. */
        WAITING
    }

    /**
     * The state at one moment.
     *
     * @param runs whether the thread still runs Camel's consumer loop
     * @param duration of the current poll, attempt or wait so far
     * @param member whether it has joined its group; true before the first poll
     */
    public record Snapshot(boolean runs, Phase phase, Duration duration, int partitions, boolean member) {

        public boolean isAt(Phase phase, Duration longerThan) {
            return this.phase == phase && duration.compareTo(longerThan) > 0;
        }
    }

    /** The current phase and its start, in {@link System#nanoTime()}. */
    record PhaseStart(Phase phase, long nanos) {}

    /**
     * Ends the consumer thread. After an exception Camel would create a new client; after an interrupt it would do so
     * forever.
     */
    static final class ConsumerThreadEndedError extends Error {
        private static final long serialVersionUID = 1L;

        ConsumerThreadEndedError(String reason) {
            super(reason, null, false, false);
        }
    }

    private static final String LOOP = KafkaFetchRecords.class.getName();
    private static final ThreadLocal<ConsumerThread> CURRENT = new ThreadLocal<>();

    private final String group;
    private volatile Thread thread = Thread.currentThread();
    private volatile Set<String> topics = Set.of();
    private volatile PhaseStart phaseStart = new PhaseStart(Phase.CONNECTING, System.nanoTime());
    private volatile int partitions;
    private volatile boolean member;
    private volatile boolean closed;
    private volatile boolean abandoned;
    private volatile TopicPartition partition;
    private volatile long offset;

    /** @param group the group of the current thread */
    ConsumerThread(String group) {
        this.group = group;
    }

    /** The state of the current thread; null if it has not polled. */
    static ConsumerThread current() {
        return CURRENT.get();
    }

    String group() {
        return group;
    }

    Thread thread() {
        return thread;
    }

    /** The partition of the current record. */
    TopicPartition partition() {
        return partition;
    }

    /** The offset of the current record. */
    long offset() {
        return offset;
    }

    PhaseStart phaseStart() {
        return phaseStart;
    }

    void setTopics(Set<String> topics) {
        this.topics = topics;
    }

    /** @param member whether it has joined its group */
    void setAssignment(int partitions, boolean member) {
        this.partitions = partitions;
        this.member = member;
    }

    void enter(Phase phase) {
        phaseStart = new PhaseStart(phase, System.nanoTime());
    }

    void beginPoll() {
        // Newer releases of Camel create a client on another thread than the one that polls it.
        if (CURRENT.get() != this) {
            CURRENT.set(this);
            thread = Thread.currentThread();
        }
        enter(Phase.POLLING);
    }

    void beginRecord(TopicPartition partition, long offset) {
        this.partition = partition;
        this.offset = offset;
        enter(Phase.WORKING);
    }

    /**
     * Interrupts the thread.
     *
     * @param stuck the phase that took too long; a thread that has left it meanwhile is not interrupted
     */
    void interrupt(PhaseStart stuck) {
        if (phaseStart == stuck && runs()) {
            thread.interrupt();
        }
    }

    void markClosed() {
        closed = true;
    }

    /** Another thread replaces this one, which must process no further record. */
    void markAbandoned() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    void requireNotAbandoned() {
        if (abandoned) {
            throw new ConsumerThreadEndedError("Another thread has replaced this one.");
        }
    }

    boolean reads(String group, Set<String> topics) {
        return this.group.equals(group) && this.topics.equals(topics);
    }

    /** Whether the thread has ended after its client was closed or it was abandoned. */
    boolean isOver() {
        return (closed || abandoned) && !runs();
    }

    Snapshot snapshot() {
        return snapshot(phaseStart);
    }

    Snapshot snapshot(PhaseStart now) {
        return new Snapshot(
                runs(),
                now.phase(),
                Duration.ofNanos(System.nanoTime() - now.nanos()),
                partitions,
                member || now.phase() == Phase.CONNECTING);
    }

    /** Checks the stack, because a thread whose loop has ended returns to its pool and stays alive. */
    private boolean runs() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(LOOP));
    }
}
