package dev.caravan.platform.publish;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Pending acknowledgements of the records that an exchange has published. Only the exchange's thread uses it;
 * acknowledgements may arrive on any thread.
 */
public final class PendingAcks {

    private CompletableFuture<?> all = CompletableFuture.completedFuture(null);

    /** @param acknowledged completes when the brokers acknowledge a record, or exceptionally if they reject it */
    public void add(CompletableFuture<?> acknowledged) {
        all = CompletableFuture.allOf(all, acknowledged);
    }

    /**
     * Waits until all records are acknowledged or rejected, which the producer's delivery timeout limits.
     *
     * @throws ExecutionException if a record was rejected; its cause is the {@link PublishingPolicy}'s exception
     * @throws InterruptedException if the thread is interrupted; the state of the records is then unknown
     */
    public void await() throws ExecutionException, InterruptedException {
        all.get();
    }
}
