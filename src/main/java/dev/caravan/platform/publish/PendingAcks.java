package dev.caravan.platform.publish;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Pending acknowledgements of the records that an exchange has published. Used by the exchange's thread;
 * acknowledgements may arrive on any thread.
 */
public final class PendingAcks {

    private CompletableFuture<?> all = CompletableFuture.completedFuture(null);

    /** @param acknowledged completes when the brokers acknowledge a record, or exceptionally if they reject it */
    public void add(CompletableFuture<?> acknowledged) {
        all = CompletableFuture.allOf(all, acknowledged);
    }

    /**
     * Waits until all are acknowledged, at most {@code PUBLISH_TIMEOUT}, which is the delivery timeout of Kafka's
     * client.
     *
     * @throws ExecutionException if a record was rejected; its cause is the {@link PublishingPolicy}'s exception
     * @throws InterruptedException if the thread is interrupted; the state of the records is then unknown
     */
    public void await() throws ExecutionException, InterruptedException {
        all.get();
    }
}
