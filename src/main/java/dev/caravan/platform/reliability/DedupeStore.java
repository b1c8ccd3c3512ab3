package dev.caravan.platform.reliability;

/**
 * Stores which messages have taken effect.
 *
 * <p>{@link ExactlyOncePolicy} calls both methods on one thread, {@link #add} inside the transaction of the effect.
 */
public interface DedupeStore {

    /** Whether this message is new. A new message is remembered once the transaction is committed. */
    boolean add(Delivery delivery);

    /** Called if the effect was rolled back, with the transaction or alone. The message then counts as new. */
    void forget(Delivery delivery);
}
