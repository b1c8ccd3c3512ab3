package dev.caravan.platform.crash;

import java.util.Locale;

/**
 * A point between two steps at which a test can crash the process. If the system property {@code caravan.crash} is
 * {@code <point>:<MessageID>}, the JVM ends there as with {@code kill -9}: no hook runs and nothing is flushed.
 */
public enum CrashPoint {
    /** An {@code Idempotency-Key} is reserved; nothing is published yet. */
    KEY_TAKEN,
    /** Kafka has acknowledged the record; the client has no answer yet. */
    ACKNOWLEDGED,
    /** The answer is stored for its {@code Idempotency-Key}; the client has not received it yet. */
    ANSWER_KEPT,
    /** The record is read; it has no effect yet. */
    RECEIVED,
    /** The effect is written in a transaction that is still open. */
    EFFECTED,
    /** The effect is committed; the offset is not. */
    COMMITTED,
    /** The message already took effect, for example in a replay of its topic; the offset is not committed. */
    SKIPPED,
    /** The retry or dead-letter topic has the record; the offset is not committed. */
    HANDED,
    /** The offset is committed. */
    DONE,
    /** The dead letter is replayed to its topic, but still counts as open. */
    REPLAYED;

    /** The exit code that a shell reports for SIGKILL. */
    public static final int EXIT_CODE = 137;

    private static final String ARMED = System.getProperty("caravan.crash");

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** Called when the processing of a message reaches this point. */
    public void reachedBy(String messageId) {
        if (ARMED != null && ARMED.equals(this + ":" + messageId)) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
