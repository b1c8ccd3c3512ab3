package dev.caravan.platform.publish;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What the brokers have yet to say of the records that an exchange has published. Of that exchange's thread; the
 * answers may come on any other.
 */
public final class PendingAcks {

    private CompletableFuture<?> all = CompletableFuture.completedFuture(null);

    /** @param acknowledged ends once the brokers have one more record, or exceptionally where they do not take it */
    public void add(CompletableFuture<?> acknowledged) {
        all = CompletableFuture.allOf(all, acknowledged);
    }

    /**
     * Waits until the brokers have all of them, for {@code PUBLISH_TIMEOUT} at most as the records of Kafka's client
     * do.
     *
     * @throws ExecutionException where one was not taken; its cause is what {@link PublishingPolicy} says of that
     * @throws InterruptedException where the thread was told to wait no longer, and nothing is known of the records
     */
    public void await() throws ExecutionException, InterruptedException {
        all.get();
    }
}
