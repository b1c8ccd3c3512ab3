package dev.caravan.operations.health;

import dev.caravan.live.AuditedRouteController;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.kafka.ConsumerThread.Snapshot;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.settings.Durations;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.component.kafka.TaskHealthState;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks all Kafka consumers every five seconds, and restarts a consumer that has ended or is stuck in two checks in a
 * row, at most once in 30 seconds. An ended consumer runs again within 20 seconds. A stuck one is detected by the first
 * check after {@code KAFKA_CONSUMER_RECORD_TIMEOUT}, or after 30 seconds in Kafka's client. Its SQL transaction is
 * aborted and its thread interrupted. A thread that ignores the interrupt is abandoned after a few seconds.
 *
 * <p>If an operator stopped the route, its consumer is not restarted, and the check names the operator. A consumer that
 * does not run for any other reason counts as ended.
 *
 * <p>A restart loses nothing: uncommitted records are read again, and processed ones are recognised by their MessageID.
 */
public final class ConsumerWatch extends AbstractHealthCheck implements AutoCloseable {

    /** @param completeAt {@link System#nanoTime} when all threads were last in their group */
    private record LastCheck(ConsumerState state, int partitions, long completeAt, String stop, List<String> troubles) {

        boolean isWell() {
            return state.isWell() && troubles.isEmpty();
        }

        @Override
        public String toString() {
            String text =
                    switch (state) {
                        case STOPPED -> stop;
                        case OUTSIDE -> "outside its group";
                        default -> state.name().toLowerCase(Locale.ROOT) + " (" + partitions + ")";
                    };
            return troubles.isEmpty() ? text : text + ": " + String.join("; ", troubles);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerWatch.class);
    private static final int STUCK_STOP_MILLIS = 2_000;

    private final Map<String, LastCheck> lastChecks = new ConcurrentHashMap<>();
    private final Map<String, Long> restarted = new ConcurrentHashMap<>();
    private final Set<String> restarting = ConcurrentHashMap.newKeySet();
    private Duration every = Duration.ofSeconds(5);
    private Duration betweenRestarts = Duration.ofSeconds(30);
    private volatile Duration longestAttempt = Duration.ofSeconds(45);
    private ScheduledExecutorService checks;
    private Executor restarts;

    public ConsumerWatch() {
        super("caravan", "consumers");
    }

    /** The interval between checks. */
    public void setEvery(String duration) {
        every = Duration.ofMillis(Durations.millis(duration));
    }

    /** The minimum time between two restarts of the same consumer. */
    public void setBetweenRestarts(String duration) {
        betweenRestarts = Duration.ofMillis(Durations.millis(duration));
    }

    /** The maximum time of an attempt at a record. A longer one counts as stuck. */
    public void setLongestAttempt(String duration) {
        longestAttempt = Duration.ofMillis(Durations.millis(duration));
    }

    /** @param restarts executes restarts, and ensures that nothing else stops or starts the consumer meanwhile */
    public void start(Executor restarts) {
        this.restarts = restarts;
        checks = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-consumers");
        checks.scheduleWithFixedDelay(
                new RepeatedTask("The check of the consumers", LOG, this::checkAll),
                every.toMillis(),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void checkAll() {
        try {
            lastChecks
                    .keySet()
                    .retainAll(getCamelContext().getRoutes().stream()
                            .map(Route::getRouteId)
                            .collect(Collectors.toSet()));
            for (Route route : getCamelContext().getRoutes()) {
                if (route.getConsumer() instanceof KafkaConsumer consumer) {
                    check(route.getRouteId(), consumer);
                }
            }
        } catch (ConcurrentModificationException e) {
            // Routes are being started or stopped. The next check finds the result.
            LOG.debug("A check was interrupted", e);
        }
    }

    private void check(String id, KafkaConsumer consumer) {
        if (restarting.contains(id)) {
            lastChecks.remove(id);
            return;
        }
        long now = System.nanoTime();
        LastCheck before = lastChecks.get(id);
        if (before == null) {
            // Registered at the start, so that the first restart counts as an increase.
            restarts(id);
        }
        Optional<LastCheck> result =
                consumer.isStarted() ? Optional.of(check(consumer, before, now)) : checkStopped(id, now);
        if (result.isEmpty()) {
            lastChecks.remove(id);
            return;
        }
        lastChecks.put(id, result.get());
        ConsumerState state = result.get().state();
        if (state.needsRestart() && before != null && before.state().needsRestart() && mayRestart(id, now)) {
            scheduleRestart(id, consumer, state);
        }
    }

    /** The result for a consumer that does not run; empty if it should not run. */
    private Optional<LastCheck> checkStopped(String id, long now) {
        Route route = getCamelContext().getRoute(id);
        ServiceStatus status = routeController().getRouteStatus(id);
        if (route == null || status == null || !status.isStarted() && !route.isAutoStartup()) {
            return Optional.empty();
        }
        return Optional.of(routeController()
                .stop(id)
                .filter(stop -> !status.isStarted())
                .map(stop -> new LastCheck(ConsumerState.STOPPED, 0, 0, stop.toString(), List.of()))
                .orElseGet(() -> new LastCheck(ConsumerState.ENDED, 0, now, null, List.of())));
    }

    private LastCheck check(KafkaConsumer consumer, LastCheck before, long now) {
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        List<Snapshot> threads = consumerThreads().snapshots(configuration);
        boolean isComplete = threads.size() >= configuration.getConsumersCount()
                && threads.stream().allMatch(Snapshot::member);
        long completeAt = isComplete || before == null ? now : before.completeAt();
        ConsumerState state = ConsumerState.of(
                configuration.getConsumersCount(),
                consumer.healthStates().stream().anyMatch(TaskHealthState::isTerminated),
                threads,
                Duration.ofNanos(now - completeAt),
                longestAttempt,
                Duration.ofMillis(configuration.getMaxPollIntervalMs()));
        return new LastCheck(
                state,
                threads.stream().mapToInt(Snapshot::partitions).sum(),
                completeAt,
                null,
                consumerThreads().failures(configuration));
    }

    private boolean mayRestart(String id, long now) {
        Long last = restarted.get(id);
        return last == null || now - last > betweenRestarts.toNanos();
    }

    private void scheduleRestart(String id, KafkaConsumer consumer, ConsumerState state) {
        restarting.add(id);
        try {
            restarts.execute(() -> {
                try {
                    restart(id, consumer, state);
                } catch (Exception e) {
                    LOG.error("The consumer of route {} does not start", id, e);
                } finally {
                    restarted.put(id, System.nanoTime());
                    restarting.remove(id);
                }
            });
        } catch (RejectedExecutionException e) {
            // The program is stopping.
            restarting.remove(id);
        }
    }

    private void restart(String id, KafkaConsumer consumer, ConsumerState state) throws Exception {
        Route route = getCamelContext().getRoute(id);
        if (route == null
                || route.getConsumer() != consumer
                || routeController().stop(id).isPresent()) {
            return;
        }
        LOG.warn("Restarting the consumer of route {} ({})", id, state);
        if (!routeController().getRouteStatus(id).isStarted()) {
            // Not by the audited route controller, because this is not an operator's action.
            getCamelContext()
                    .getCamelContextExtension()
                    .getInternalRouteController()
                    .startRoute(id);
            return;
        }
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        consumerThreads().interrupt(configuration, longestAttempt);
        int timeout = configuration.getShutdownTimeout();
        // Camel waits for each thread in turn. A thread that ignores interrupts would not end within the usual timeout
        // of half a minute either.
        configuration.setShutdownTimeout(Math.min(timeout, STUCK_STOP_MILLIS));
        try {
            ServiceHelper.stopService(consumer);
        } finally {
            configuration.setShutdownTimeout(timeout);
        }
        consumerThreads().abandon(configuration);
        ServiceHelper.startService(consumer);
        restarts(id).increment();
    }

    private Counter restarts(String id) {
        return getCamelContext()
                .getRegistry()
                .findSingleByType(MeterRegistry.class)
                .counter("caravan.consumer.restarts", "route", id);
    }

    private AuditedRouteController routeController() {
        return (AuditedRouteController) getCamelContext().getRouteController();
    }

    private ConsumerThreads consumerThreads() {
        return getCamelContext().getRegistry().findSingleByType(ConsumerThreads.class);
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Map<String, LastCheck> last = new TreeMap<>(lastChecks);
        builder.message(last.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", ")));
        builder.state(
                restarting.isEmpty() && last.values().stream().allMatch(LastCheck::isWell) ? State.UP : State.DOWN);
    }

    @Override
    public void close() {
        if (checks != null) {
            checks.shutdownNow();
        }
    }
}
