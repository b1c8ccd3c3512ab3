package dev.caravan.chaos;

/**
 * One attempt to send a message, from its sender's view.
 *
 * @param messageId shared by all attempts of one message
 * @param key the key of the record, or null
 * @param content what its effect must contain; null if the effect contains nothing of it
 * @param value the record's exact bytes; null if Caravan chooses them
 * @param status the HTTP status; 0 without an answer, or for a record written directly to Kafka
 * @param lane the sender; a lane sends one message after the other
 * @param sequence the message's position among those of its lane
 * @param startedAt in milliseconds since the epoch, like {@code endedAt}
 */
record Attempt(
        String messageId,
        String topic,
        String key,
        String content,
        byte[] value,
        Expectation expectation,
        Outcome outcome,
        int status,
        int trial,
        int lane,
        long sequence,
        long startedAt,
        long endedAt) {

    /** Jepsen's terms. */
    enum Outcome {
        /** Acknowledged. */
        OK,
        /** Rejected: it must never have an effect. */
        FAIL,
        /** Unknown. The attempt is repeated with the same MessageID. */
        INFO
    }

    /** What must happen to a message that is in its topic. */
    enum Expectation {
        /** One effect, without retry topics. */
        EFFECT,
        /** One effect, after retry topics. */
        EFFECT_AFTER_RETRIES,
        /** No effect, and its bytes in the dead-letter topic. */
        DEAD_LETTER
    }
}
