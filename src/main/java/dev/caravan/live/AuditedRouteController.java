package dev.caravan.live;

import dev.caravan.operations.audit.OperatorAction;
import dev.caravan.operations.audit.OperatorAudit;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.impl.engine.DefaultRouteController;
import org.apache.camel.util.function.ThrowingRunnable;

/**
 * Stops, starts, suspends and resumes routes for operators, by REST and JMX. Actions run one at a time, never during an
 * edit, and each is audited. Camel's own changes and those of edits are neither locked nor audited.
 */
public final class AuditedRouteController extends DefaultRouteController {

    /** The operator's action that stopped a route. */
    public record Stop(String action, String who, Instant at) {

        /** {@code stopped by alice at 2026-01-31T12:00:00Z}. */
        @Override
        public String toString() {
            return OperatorAudit.past(action) + " by " + who + " at " + at.truncatedTo(ChronoUnit.SECONDS);
        }
    }

    /** While it is held, no other thread can replace, stop or start a route. */
    public interface RouteLock extends AutoCloseable {
        @Override
        void close();
    }

    private record Caller(String who, String via) {}

    private static final Caller JMX = new Caller("jmx", "jmx");
    private static final long MAX_WAIT_SECONDS = 30;

    private final ReentrantLock routeLock = new ReentrantLock();
    private final ThreadLocal<Caller> caller = new ThreadLocal<>();
    private final Map<String, Stop> stops = new ConcurrentHashMap<>();

    /** Runs an operator's action on this thread and audits it. */
    public void by(String who, String via, ThrowingRunnable<Exception> routeAction) throws Exception {
        caller.set(new Caller(who, via));
        try {
            routeAction.run();
        } finally {
            caller.remove();
        }
    }

    /** @throws TimeoutException if another route is being replaced, stopped or started for more than 30 s */
    public RouteLock lock() throws InterruptedException, TimeoutException {
        if (!routeLock.tryLock(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException("Another route is being replaced, stopped or started.");
        }
        return routeLock::unlock;
    }

    /** The operator's action that stopped the route; empty if it runs, or should run. */
    public Optional<Stop> stop(String id) {
        return Optional.ofNullable(stops.get(id));
    }

    /** Forgets who stopped the routes that an edit has started. */
    void started(Collection<String> ids) {
        stops.keySet().removeAll(ids);
    }

    @Override
    public void startRoute(String id) throws Exception {
        operate("start", id, () -> super.startRoute(id));
    }

    @Override
    public void stopRoute(String id) throws Exception {
        operate("stop", id, () -> super.stopRoute(id));
    }

    @Override
    public void stopRoute(String id, Throwable cause) throws Exception {
        operate("stop", id, () -> super.stopRoute(id, cause));
    }

    @Override
    public void stopRoute(String id, long timeout, TimeUnit unit) throws Exception {
        operate("stop", id, () -> super.stopRoute(id, timeout, unit));
    }

    @Override
    public boolean stopRoute(String id, long timeout, TimeUnit unit, boolean abort) throws Exception {
        boolean[] stopped = new boolean[1];
        operate("stop", id, () -> stopped[0] = super.stopRoute(id, timeout, unit, abort));
        return stopped[0];
    }

    @Override
    public void suspendRoute(String id) throws Exception {
        operate("suspend", id, () -> super.suspendRoute(id));
    }

    @Override
    public void suspendRoute(String id, long timeout, TimeUnit unit) throws Exception {
        operate("suspend", id, () -> super.suspendRoute(id, timeout, unit));
    }

    @Override
    public void resumeRoute(String id) throws Exception {
        operate("resume", id, () -> super.resumeRoute(id));
    }

    private void operate(String action, String id, ThrowingRunnable<Exception> operation) throws Exception {
        // Not an operator: this thread replaces or restarts routes, or Camel stops a predecessor that does not exist.
        if (routeLock.isHeldByCurrentThread() || getRouteStatus(id) == null) {
            operation.run();
            return;
        }
        Caller by = caller.get() == null ? JMX : caller.get();
        Instant at = Instant.now();
        try (RouteLock held = lock()) {
            operation.run();
            if (getRouteStatus(id) == null || getRouteStatus(id).isStarted()) {
                stops.remove(id);
            } else {
                stops.put(id, new Stop(action, by.who(), at));
            }
        } catch (Exception | Error e) {
            audit(new OperatorAction(at, by.who(), by.via(), action, id, InvalidRouteFileException.reason(e)));
            throw e;
        }
        audit(new OperatorAction(at, by.who(), by.via(), action, id, null));
    }

    private void audit(OperatorAction action) {
        getCamelContext().getRegistry().findSingleByType(OperatorAudit.class).add(action);
    }
}
