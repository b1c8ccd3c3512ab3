package dev.caravan.operations.health;

import dev.caravan.live.OperatedRoutes;
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
 * Checks every Kafka consumer every five seconds, and restarts one that has ended or is stuck in two checks in a row,
 * at most every 30 seconds each. An ended consumer runs again within 20 seconds. A stuck one is detected after {@code
 * KAFKA_CONSUMER_RECORD_TIMEOUT}, or after 30 seconds in Kafka's client, and the next check. Its SQL transaction is
 * aborted and its thread interrupted. A thread that ignores the interrupt is abandoned after a few seconds.
 *
 * <p>A consumer whose route an operator stopped is not restarted, and the check names the operator. A consumer that
 * does not run for any other reason counts as ended.
 *
 * <p>A restart loses nothing: uncommitted records are read again, and processed ones are recognised by their MessageID.
 */
public final class ConsumerWatch extends AbstractHealthCheck implements AutoCloseable {

    /** The result of the last check and the state kept between checks. Times are from {@link System#nanoTime}. */
    private record LastCheck(Condition condition, int partitions, long fullAt, String stop, List<String> troubles) {

        boolean isWell() {
            return condition.isWell() && troubles.isEmpty();
        }

        @Override
        public String toString() {
            String state =
                    switch (condition) {
                        case STOPPED -> stop;
                        case OUTSIDE -> "outside its group";
                        default -> condition.name().toLowerCase(Locale.ROOT) + " (" + partitions + ")";
                    };
            return troubles.isEmpty() ? state : state + ": " + String.join("; ", troubles);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerWatch.class);
    private static final int STUCK_STOP_MILLIS = 2_000;
    private final Map<String, LastCheck> found = new ConcurrentHashMap<>();
    private final Map<String, Long> restarted = new ConcurrentHashMap<>();
    private final Set<String> restarting = ConcurrentHashMap.newKeySet();
    private Duration every = Duration.ofSeconds(5);
    private Duration betweenRestarts = Duration.ofSeconds(30);
    private volatile Duration longestAttempt = Duration.ofSeconds(45);
    private ScheduledExecutorService looks;
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

    /** The maximum time of an attempt at a record; a longer one counts as stuck. */
    public void setLongestAttempt(String duration) {
        longestAttempt = Duration.ofMillis(Durations.millis(duration));
    }

    /** @param restarts runs restarts, so that nothing else stops or starts the consumer meanwhile */
    public void start(Executor restarts) {
        this.restarts = restarts;
        looks = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-consumers");
        looks.scheduleWithFixedDelay(
                new RepeatedTask("The check of the consumers", LOG, this::checkAll),
                every.toMillis(),
                every.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void checkAll() {
        try {
            found.keySet()
                    .retainAll(getCamelContext().getRoutes().stream()
                            .map(Route::getRouteId)
                            .collect(Collectors.toSet()));
            for (Route route : getCamelContext().getRoutes()) {
                if (route.getConsumer() instanceof KafkaConsumer consumer) {
                    check(route.getRouteId(), consumer);
                }
            }
        } catch (ConcurrentModificationException e) {
            // A consumer is being started or stopped; the next check sees the result.
            LOG.debug("A check was interrupted", e);
        }
    }

    private void check(String id, KafkaConsumer consumer) {
        if (restarting.contains(id)) {
            found.remove(id);
            return;
        }
        long now = System.nanoTime();
        LastCheck before = found.get(id);
        if (before == null) {
            // Registered at the start, so that the first restart counts as an increase.
            restarts(id);
        }
        Condition condition;
        if (consumer.isStarted()) {
            condition = condition(id, consumer, before, now);
        } else if (isExpected(id)) {
            condition = Condition.ENDED;
            found.put(id, new LastCheck(condition, 0, now, null, List.of()));
        } else {
            return;
        }
        if (condition.needsRestart() && before != null && before.condition().needsRestart() && mayRestart(id, now)) {
            restart(id, consumer, condition);
        }
    }

    /** Whether the consumer of a route should run. If an operator stopped it, that is the result of the check. */
    private boolean isExpected(String id) {
        Route route = getCamelContext().getRoute(id);
        ServiceStatus status = routeController().getRouteStatus(id);
        Optional<OperatedRoutes.Stop> stop = routeController().stop(id);
        if (route == null || status == null || !status.isStarted() && !route.isAutoStartup()) {
            found.remove(id);
            return false;
        }
        if (!status.isStarted() && stop.isPresent()) {
            found.put(id, new LastCheck(Condition.STOPPED, 0, 0, stop.get().toString(), List.of()));
            return false;
        }
        return true;
    }

    private Condition condition(String id, KafkaConsumer consumer, LastCheck before, long now) {
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        List<Snapshot> seen = readers().look(configuration);
        boolean full = seen.size() >= configuration.getConsumersCount()
                && seen.stream().allMatch(Snapshot::member);
        long fullAt = full || before == null ? now : before.fullAt();
        Condition condition = Condition.of(
                configuration.getConsumersCount(),
                consumer.healthStates().stream().anyMatch(TaskHealthState::isTerminated),
                seen,
                Duration.ofNanos(now - fullAt),
                longestAttempt,
                Duration.ofMillis(configuration.getMaxPollIntervalMs()));
        found.put(
                id,
                new LastCheck(
                        condition,
                        seen.stream().mapToInt(Snapshot::partitions).sum(),
                        fullAt,
                        null,
                        readers().troubles(configuration)));
        return condition;
    }

    private boolean mayRestart(String id, long now) {
        Long last = restarted.get(id);
        return last == null || now - last > betweenRestarts.toNanos();
    }

    private void restart(String id, KafkaConsumer consumer, Condition condition) {
        restarting.add(id);
        try {
            restarts.execute(() -> {
                try {
                    LOG.warn("Restarting the consumer of route {} ({})", id, condition);
                    restart(id, consumer);
                } catch (Exception e) {
                    LOG.error("The consumer of route {} does not start", id, e);
                } finally {
                    restarted.put(id, System.nanoTime());
                    restarting.remove(id);
                }
            });
        } catch (RejectedExecutionException e) {
            // The program stops.
            restarting.remove(id);
        }
    }

    private void restart(String id, KafkaConsumer consumer) throws Exception {
        Route route = getCamelContext().getRoute(id);
        if (route == null
                || route.getConsumer() != consumer
                || routeController().stop(id).isPresent()) {
            return;
        }
        if (!routeController().getRouteStatus(id).isStarted()) {
            // Bypasses the route controller, because no operator starts it.
            getCamelContext()
                    .getCamelContextExtension()
                    .getInternalRouteController()
                    .startRoute(id);
            return;
        }
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        readers().interrupt(configuration, longestAttempt);
        int patience = configuration.getShutdownTimeout();
        // Camel waits for each thread in turn. A stuck thread that ignores interrupts would not end within half a
        // minute either.
        configuration.setShutdownTimeout(Math.min(patience, STUCK_STOP_MILLIS));
        try {
            ServiceHelper.stopService(consumer);
        } finally {
            configuration.setShutdownTimeout(patience);
        }
        readers().abandon(configuration);
        ServiceHelper.startService(consumer);
        restarts(id).increment();
    }

    private Counter restarts(String id) {
        return getCamelContext()
                .getRegistry()
                .findSingleByType(MeterRegistry.class)
                .counter("caravan.consumer.restarts", "route", id);
    }

    private OperatedRoutes routeController() {
        return (OperatedRoutes) getCamelContext().getRouteController();
    }

    private ConsumerThreads readers() {
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

    /** Reports the result of the last check. */
    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Map<String, LastCheck> last = new TreeMap<>(found);
        builder.message(last.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", ")));
        boolean well = restarting.isEmpty() && last.values().stream().allMatch(LastCheck::isWell);
        if (well) {
            builder.up();
        } else {
            builder.down();
        }
    }

    @Override
    public void close() {
        if (looks != null) {
            looks.shutdownNow();
        }
    }
}
