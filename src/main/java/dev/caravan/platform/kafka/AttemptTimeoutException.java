package dev.caravan.platform.kafka;

/**
 * A previous attempt at this record timed out, so the consumer hands the record to the next topic without another
 * attempt.
 */
public final class AttemptTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AttemptTimeoutException() {
        super("An attempt at this record took longer than KAFKA_CONSUMER_RECORD_TIMEOUT.", null, false, false);
    }
}
