package dev.caravan.operations.health;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A health check of something that may hang. It runs in the background, at most every two seconds, and requests get the
 * last result. Only the first request waits, for at most a second.
 */
abstract class Probe extends AbstractHealthCheck {

    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final long FIRST_WAIT_MILLIS = 1_000;

    private CompletableFuture<String> running;
    private CompletableFuture<String> last;
    private long startedAt;

    Probe(String name) {
        super("caravan", name);
    }

    /** @throws Exception with the reason if there is no answer */
    abstract void probe() throws Exception;

    @Override
    public final boolean isLiveness() {
        return false;
    }

    @Override
    protected final void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        CompletableFuture<String> result = current();
        try {
            String reason = result.get(FIRST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
            if (reason.isEmpty()) {
                builder.up();
            } else {
                builder.message(reason).down();
            }
        } catch (TimeoutException e) {
            builder.message("does not answer").down();
        } catch (ExecutionException e) {
            builder.message(e.getCause().toString()).down();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            builder.unknown();
        }
    }

    /** The result of the last finished probe, 1 or 0; NaN before the first one has finished. */
    final double up() {
        CompletableFuture<String> result = current();
        return result.isDone()
                ? "".equals(result.exceptionally(Throwable::toString).join()) ? 1 : 0
                : Double.NaN;
    }

    /** The last finished probe, or the first one while it runs. */
    private synchronized CompletableFuture<String> current() {
        if (running != null && running.isDone()) {
            last = running;
        }
        if (running == null || running.isDone() && System.nanoTime() - startedAt > PERIOD.toNanos()) {
            startedAt = System.nanoTime();
            running = CompletableFuture.supplyAsync(this::reason);
        }
        return last == null ? running : last;
    }

    private String reason() {
        try {
            probe();
            return "";
        } catch (Exception e) {
            return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
    }
}
