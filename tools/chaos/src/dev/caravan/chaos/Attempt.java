package dev.caravan.chaos;

/**
 * One attempt to have a message processed, as its sender knows it.
 *
 * @param messageId names the message; attempts of one message share it
 * @param topic where the message belongs
 * @param key of the record; null for none
 * @param content what its effect must show; null where an effect shows nothing of it
 * @param value the record's exact bytes; null where they are Caravan's to choose
 * @param status the HTTP status; 0 without an answer, or where it was written to Kafka itself
 * @param trial the trial during which it was made
 * @param lane who sent it; one lane sends one message after the other
 * @param sequence its place among all that its lane sent
 * @param startedAt in milliseconds since the epoch, as is {@code endedAt}
 */
record Attempt(
        String messageId,
        String topic,
        String key,
        String content,
        byte[] value,
        Fate fate,
        Outcome outcome,
        int status,
        int trial,
        int lane,
        long sequence,
        long startedAt,
        long endedAt) {

    /** What is known of an attempt, in Jepsen's words. */
    enum Outcome {
        /** It was acknowledged. */
        OK,
        /** It was refused: it must never have an effect. */
        FAIL,
        /** Nobody knows. It is repeated with the same MessageID. */
        INFO
    }

    /** What must become of a message that is taken. */
    enum Fate {
        /** One effect, at the first level: nothing is wrong with the message. */
        EFFECT,
        /** One effect, by way of retry topics. */
        EFFECT_AFTER_RETRIES,
        /** No effect, and its bytes in the dead-letter topic. */
        DEAD_LETTER
    }
}
