package dev.caravan.platform.crash;

import java.util.Locale;

/**
 * A place between two steps of which a crash may separate one from the other. Where the system property
 * {@code caravan.crash} is {@code <point>:<MessageID>}, the JVM ends there as {@code kill -9} ends it: no hook runs and
 * nothing is flushed. Without the property, as anywhere but in a test of the crash, a point does nothing.
 */
public enum CrashPoint {
    /** An {@code Idempotency-Key} is taken, and nothing is published yet. */
    KEY_TAKEN,
    /** Kafka has acknowledged the record, and the caller has no answer yet. */
    ACKNOWLEDGED,
    /** The answer is kept for its {@code Idempotency-Key}, and the caller has not got it yet. */
    ANSWER_KEPT,
    /** The record is read, and nothing has come of it yet. */
    RECEIVED,
    /** The effect has been made, in a transaction that is still open. */
    EFFECTED,
    /** The effect is committed, and the offset is not. */
    COMMITTED,
    /** The message has had its effect before, as in a replay of its topic, and the offset is not committed. */
    SKIPPED,
    /** The next topic has the record, a retry topic or the dead-letter topic, and the offset is not committed. */
    HANDED,
    /** The offset is committed. */
    DONE,
    /** A dead letter's topic has its message again, and the dead letter still counts as open. */
    REPLAYED;

    /** The exit code of a process that ended by SIGKILL, as a shell tells it. */
    public static final int EXIT_CODE = 137;

    private static final String ARMED = System.getProperty("caravan.crash");

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The processing of a message has come to this point. */
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
