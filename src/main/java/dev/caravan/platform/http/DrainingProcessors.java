package dev.caravan.platform.http;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;

/** The {@link DrainingProcessor} of each operation. */
public final class DrainingProcessors {

    private final Map<String, DrainingProcessor> processors = new ConcurrentHashMap<>();

    DrainingProcessors() {}

    public static DrainingProcessors of(CamelContext context) {
        return AsyncHttpEngine.of(context).drainingProcessors();
    }

    DrainingProcessor of(PlatformHttpEndpoint endpoint) {
        return of(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath());
    }

    /** @param operation method and path */
    DrainingProcessor of(String operation) {
        return processors.computeIfAbsent(operation, any -> new DrainingProcessor());
    }

    Optional<DrainingProcessor> find(Endpoint endpoint) {
        return endpoint instanceof PlatformHttpEndpoint http
                ? Optional.of(of(http))
                : endpoint instanceof MountedEndpoint mounted ? Optional.of(of(mounted.operation())) : Optional.empty();
    }

    /**
     * Holds new requests to these operations, and returns once all running requests are answered. Endpoints other than
     * HTTP are ignored.
     *
     * @return lets the waiting requests continue
     * @throws TimeoutException if a request was not answered in time; the waiting requests then continue
     */
    public Runnable hold(Collection<Endpoint> operations, Duration timeout)
            throws InterruptedException, TimeoutException {
        List<DrainingProcessor> held = operations.stream()
                .flatMap(each -> find(each).stream())
                .distinct()
                .toList();
        Runnable open = () -> held.forEach(DrainingProcessor::open);
        held.forEach(DrainingProcessor::hold);
        long end = System.nanoTime() + timeout.toNanos();
        try {
            for (DrainingProcessor drainingProcessor : held) {
                drainingProcessor.awaitEmpty(end - System.nanoTime());
            }
        } catch (InterruptedException | TimeoutException e) {
            open.run();
            throw e;
        }
        return open;
    }
}
