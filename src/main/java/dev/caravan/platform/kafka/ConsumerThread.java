package dev.caravan.platform.kafka;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.apache.camel.component.kafka.KafkaFetchRecords;
import org.apache.kafka.common.TopicPartition;

/** What one thread that reads from Kafka is at. That thread writes it, and any other may look. */
public final class ConsumerThread {

    /** What a reader can be at. */
    public enum Phase {
        /** Its client has not polled yet. */
        CONNECTING,
        /** It asks Kafka for records. */
        POLLING,
        /** It is at an attempt to process a record, or commits. */
        WORKING,
        /** It has a record, and waits until that is due or may be tried again. */
        WAITING
    }

    /**
     * A look at a reader.
     *
     * @param runs whether its thread is still about it
     * @param lasts for how long it has been at that: at one poll, one attempt, one wait
     * @param member whether its group has taken it; true for one that has not polled yet
     */
    public record Snapshot(boolean runs, Phase phase, Duration lasts, int partitions, boolean member) {

        public boolean isAt(Phase phase, Duration longerThan) {
            return this.phase == phase && lasts.compareTo(longerThan) > 0;
        }
    }

    /** What it is at, and since when. */
    record PhaseStart(Phase phase, long nanos) {}

    private static final String LOOP = KafkaFetchRecords.class.getName();

    private final Thread thread = Thread.currentThread();
    private final String group;
    private volatile Set<String> topics = Set.of();
    private volatile PhaseStart phaseStart = new PhaseStart(Phase.CONNECTING, System.nanoTime());
    private volatile int partitions;
    private volatile boolean member;
    private volatile boolean closed;
    private volatile boolean abandoned;
    private volatile TopicPartition partition;
    private volatile long offset;

    /** @param group that the current thread reads for */
    ConsumerThread(String group) {
        this.group = group;
    }

    void subscribed(Set<String> topics) {
        this.topics = topics;
    }

    void connects() {
        phaseStart = new PhaseStart(Phase.CONNECTING, System.nanoTime());
    }

    void polls() {
        phaseStart = new PhaseStart(Phase.POLLING, System.nanoTime());
    }

    /** It has this record to process. */
    void works(TopicPartition partition, long offset) {
        this.partition = partition;
        this.offset = offset;
        works();
    }

    /** Where the record stands that it is at. */
    TopicPartition partition() {
        return partition;
    }

    long offset() {
        return offset;
    }

    String group() {
        return group;
    }

    Thread thread() {
        return thread;
    }

    void works() {
        phaseStart = new PhaseStart(Phase.WORKING, System.nanoTime());
    }

    void waits() {
        phaseStart = new PhaseStart(Phase.WAITING, System.nanoTime());
    }

    /**
     * Ends whatever its thread waits for, if that can be ended.
     *
     * @param stuck what it was at; a thread that has come back meanwhile is left alone
     */
    void interrupt(PhaseStart stuck) {
        if (phaseStart == stuck && runs()) {
            thread.interrupt();
        }
    }

    PhaseStart at() {
        return phaseStart;
    }

    /** @param member whether its group has taken it */
    void has(int partitions, boolean member) {
        this.partitions = partitions;
        this.member = member;
    }

    void closed() {
        closed = true;
    }

    void abandoned() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    boolean reads(String group, Set<String> topics) {
        return this.group.equals(group) && this.topics.equals(topics);
    }

    /** Whether it ended as it should, with its client. */
    boolean isOver() {
        return (closed || abandoned) && !runs();
    }

    Snapshot look() {
        return look(phaseStart);
    }

    Snapshot look(PhaseStart now) {
        return new Snapshot(
                runs(),
                now.phase(),
                Duration.ofNanos(System.nanoTime() - now.nanos()),
                partitions,
                member || now.phase() == Phase.CONNECTING);
    }

    /** A thread whose loop has ended goes back to its pool, so that it lives says nothing. */
    private boolean runs() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(LOOP));
    }
}
