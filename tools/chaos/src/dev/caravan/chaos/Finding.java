package dev.caravan.chaos;

/**
 * A promise that was broken.
 *
 * @param trial the trial in which the message was sent; -1 where it is nobody's
 */
record Finding(What what, String messageId, int trial, String text) {

    enum What {
        /** Acknowledged, and without its effect, or poisoned and not a dead letter. */
        LOST,
        /** More than one effect. */
        DUPLICATE,
        /** An effect, or a record, of what was never sent, or sent and refused. */
        GHOST,
        /** Two messages of one key in another order than they were sent. */
        DISORDER,
        /** A dead letter that is none, or that is not what was sent. */
        DEAD_LETTER,
        /** A record in a retry topic though nothing was wrong with it. */
        BLAMED,
        /** An inbox whose count is not what was sent to its user. */
        INBOX,
        /** Records that nobody has processed. */
        LAG,
        /** Counters of a program that do not add up while nothing is under way. */
        COUNTERS,
        /** A credential in a record. */
        CREDENTIAL,
        /** A request that was accepted before a stop, and cut; or a stop that was not clean. */
        CUT,
        /** A request that failed though nothing was away. */
        REFUSED,
        /** Too little traffic to say anything. */
        VOID
    }

    @Override
    public String toString() {
        return what + (messageId == null ? "" : " " + messageId) + (trial < 0 ? "" : " (trial " + trial + ")") + ": "
                + text;
    }
}
