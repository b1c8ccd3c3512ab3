package dev.caravan.kafka;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.apache.camel.component.kafka.KafkaFetchRecords;
import org.apache.kafka.common.TopicPartition;

/** What one thread that reads from Kafka is at. That thread writes it, and any other may look. */
public final class Reader {

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
    public record Seen(boolean runs, Phase phase, Duration lasts, int partitions, boolean member) {

        public boolean isAt(Phase phase, Duration longerThan) {
            return this.phase == phase && lasts.compareTo(longerThan) > 0;
        }
    }

    /** What it is at, and since when. */
    record At(Phase phase, long nanos) {}

    private static final String LOOP = KafkaFetchRecords.class.getName();

    private final Thread thread = Thread.currentThread();
    private final String group;
    private volatile Set<String> topics = Set.of();
    private volatile At at = new At(Phase.CONNECTING, System.nanoTime());
    private volatile int partitions;
    private volatile boolean member;
    private volatile boolean closed;
    private volatile boolean abandoned;
    private volatile TopicPartition partition;
    private volatile long offset;

    /** @param group that the current thread reads for */
    Reader(String group) {
        this.group = group;
    }

    void subscribed(Set<String> topics) {
        this.topics = topics;
    }

    void connects() {
        at = new At(Phase.CONNECTING, System.nanoTime());
    }

    void polls() {
        at = new At(Phase.POLLING, System.nanoTime());
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
        at = new At(Phase.WORKING, System.nanoTime());
    }

    void waits() {
        at = new At(Phase.WAITING, System.nanoTime());
    }

    /**
     * Ends whatever its thread waits for, if that can be ended.
     *
     * @param stuck what it was at; a thread that has come back meanwhile is left alone
     */
    void interrupt(At stuck) {
        if (at == stuck && runs()) {
            thread.interrupt();
        }
    }

    At at() {
        return at;
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

    Seen look() {
        return look(at);
    }

    Seen look(At now) {
        return new Seen(
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
