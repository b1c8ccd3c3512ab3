package dev.caravan.platform.reliability;

/**
 * Remembers which messages have had their effect.
 *
 * <p>{@link ExactlyOncePolicy} calls both methods on one thread, inside the transaction of the effect.
 */
public interface DedupeStore {

    /** Whether this message is new; if so it is remembered, provided that the transaction is committed. */
    boolean add(Delivery delivery);

    /** The transaction was not committed: the message may come again. A store that takes part in the transaction has nothing to do. */
    void forget(Delivery delivery);
}
