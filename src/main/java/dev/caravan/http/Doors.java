package dev.caravan.http;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;

/** The door of each operation. */
public final class Doors {

    private final Map<String, Door> doors = new ConcurrentHashMap<>();

    Doors() {}

    public static Doors of(CamelContext context) {
        return ((Engine) context.getComponent("platform-http", PlatformHttpComponent.class)
                        .getEngine())
                .doors();
    }

    Door of(PlatformHttpEndpoint endpoint) {
        return doors.computeIfAbsent(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath(), any -> new Door());
    }

    /**
     * Keeps new requests to these operations waiting, and returns once those that are in have been answered. Endpoints that are
     * not HTTP's have no door.
     *
     * @return what opens the doors again
     * @throws TimeoutException when a request has not been answered in time; then the doors are open again
     */
    public Runnable hold(Collection<Endpoint> operations, Duration timeout)
            throws InterruptedException, TimeoutException {
        List<Door> held = operations.stream()
                .filter(PlatformHttpEndpoint.class::isInstance)
                .map(each -> of((PlatformHttpEndpoint) each))
                .distinct()
                .toList();
        Runnable open = () -> held.forEach(Door::open);
        held.forEach(Door::hold);
        long end = System.nanoTime() + timeout.toNanos();
        try {
            for (Door door : held) {
                door.awaitEmpty(end - System.nanoTime());
            }
        } catch (InterruptedException | TimeoutException e) {
            open.run();
            throw e;
        }
        return open;
    }
}
