package dev.caravan.platform.kafka;

/** An attempt at this record did not come back, so the record is not tried where it stands any more. */
public final class AttemptTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AttemptTimeoutException() {
        super("An attempt at this record took longer than KAFKA_CONSUMER_RECORD_TIMEOUT.", null, false, false);
    }
}
