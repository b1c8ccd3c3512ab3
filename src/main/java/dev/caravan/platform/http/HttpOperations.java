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

/** The operations of the business port, by method and path. */
public final class HttpOperations {

    private final Map<String, HttpOperation> operations = new ConcurrentHashMap<>();

    HttpOperations() {}

    public static HttpOperations of(CamelContext context) {
        return AsyncHttpEngine.of(context).operations();
    }

    HttpOperation of(PlatformHttpEndpoint endpoint) {
        return of(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath());
    }

    HttpOperation of(String methodAndPath) {
        return operations.computeIfAbsent(methodAndPath, any -> new HttpOperation());
    }

    Optional<HttpOperation> find(Endpoint endpoint) {
        return endpoint instanceof PlatformHttpEndpoint http
                ? Optional.of(of(http))
                : endpoint instanceof MountedEndpoint mounted ? Optional.of(of(mounted.operation())) : Optional.empty();
    }

    /**
     * Holds new requests to these endpoints, and returns once all running requests are answered. Ignores endpoints that
     * are not HTTP operations.
     *
     * @return lets the waiting requests continue
     * @throws TimeoutException if a request was not answered in time; the waiting requests then continue
     */
    public Runnable hold(Collection<Endpoint> endpoints, Duration timeout)
            throws InterruptedException, TimeoutException {
        List<HttpOperation> held = endpoints.stream()
                .flatMap(each -> find(each).stream())
                .distinct()
                .toList();
        Runnable open = () -> held.forEach(HttpOperation::open);
        held.forEach(HttpOperation::hold);
        long end = System.nanoTime() + timeout.toNanos();
        try {
            for (HttpOperation operation : held) {
                operation.awaitEmpty(end - System.nanoTime());
            }
        } catch (InterruptedException | TimeoutException e) {
            open.run();
            throw e;
        }
        return open;
    }
}
