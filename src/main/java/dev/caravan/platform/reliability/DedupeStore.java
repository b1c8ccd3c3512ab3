package dev.caravan.platform.reliability;

/**
 * Remembers which messages have taken effect.
 *
 * <p>{@link ExactlyOncePolicy} calls both methods on one thread, inside the transaction of the effect.
 */
public interface DedupeStore {

    /** Whether this message is new. A new message is remembered once the transaction is committed. */
    boolean add(Delivery delivery);

    /**
     * Called if the transaction was not committed, because the message may come again. A store inside the transaction
     * does nothing.
     */
    void forget(Delivery delivery);
}
