package dev.caravan.chaos;

/**
 * A broken guarantee.
 *
 * @param trial the trial in which the message was sent; -1 if unknown
 */
record Finding(Kind what, String messageId, int trial, String text) {

    enum Kind {
        /** An acknowledged message without its effect, or a poisoned one that is not a dead letter. */
        LOST,
        /** More than one effect. */
        DUPLICATE,
        /** An effect or a record of a message that was not sent, or was rejected. */
        UNEXPECTED,
        /** Two messages of one key in another order than sent. */
        OUT_OF_ORDER,
        /** A dead letter of a valid message, or with other bytes or headers than expected. */
        DEAD_LETTER,
        /** A valid record in a retry topic. */
        NEEDLESS_RETRY,
        /** An inbox whose total is not the number of notifications sent. */
        INBOX,
        /** Records that were not processed. */
        LAG,
        /** Counters that do not add up while no message is being processed. */
        COUNTERS,
        /** A credential in a record. */
        CREDENTIAL,
        /** A request that a stop cut off, or a stop that was not clean. */
        UNCLEAN_STOP,
        /** A request that failed although everything was available. */
        FAILED_REQUEST,
        /** Too few messages to prove anything. */
        TOO_FEW_MESSAGES
    }

    @Override
    public String toString() {
        return what + (messageId == null ? "" : " " + messageId) + (trial < 0 ? "" : " (trial " + trial + ")") + ": "
                + text;
    }
}
