package dev.caravan.health;

import dev.caravan.kafka.Reader.Seen;
import dev.caravan.kafka.Readers;
import dev.caravan.settings.Durations;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.component.kafka.TaskHealthState;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every Kafka consumer each five seconds, and starts anew one that has ended or is stuck at two looks in a row; not more
 * often than every 30 seconds each. An ended one is back within 20 seconds. A stuck one is known after {@code KAFKA_CONSUMER_RECORD_TIMEOUT}, or after 30
 * seconds in Kafka's client, and the next look. It is interrupted; one that does not heed that is waited for a minute and then left behind.
 *
 * <p>Nothing is lost by a restart: what was not committed is read again, and what had its effect is known by its MessageID.
 */
public final class ConsumerWatch extends AbstractHealthCheck implements AutoCloseable {

    /** What the last look found, and what is remembered from look to look. Times are of {@link System#nanoTime}. */
    private record Found(Condition condition, int partitions, long fullAt) {}

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerWatch.class);
    private static final long BETWEEN_RESTARTS_NANOS = Duration.ofSeconds(30).toNanos();

    private final Map<String, Found> found = new ConcurrentHashMap<>();
    private final Map<String, Long> restarted = new ConcurrentHashMap<>();
    private final Set<String> restarting = ConcurrentHashMap.newKeySet();
    private Duration every = Duration.ofSeconds(5);
    private volatile Duration longestAttempt = Duration.ofSeconds(45);
    private ScheduledExecutorService looks;
    private Executor restarts;

    public ConsumerWatch() {
        super("caravan", "consumers");
    }

    /** The time from look to look. */
    public void setEvery(String duration) {
        every = Duration.ofMillis(Durations.millis(duration));
    }

    /** The longest time that an attempt at a record may take; longer ones are taken for stuck. */
    public void setLongestAttempt(String duration) {
        longestAttempt = Duration.ofMillis(Durations.millis(duration));
    }

    /** @param restarts runs what stops and starts a consumer, so that nothing else does that meanwhile */
    public void start(Executor restarts) {
        this.restarts = restarts;
        looks = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-consumers");
        looks.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            found.keySet()
                    .retainAll(getCamelContext().getRoutes().stream()
                            .map(Route::getRouteId)
                            .collect(Collectors.toSet()));
            for (Route route : getCamelContext().getRoutes()) {
                if (route.getConsumer() instanceof KafkaConsumer consumer) {
                    look(route.getRouteId(), consumer);
                }
            }
        } catch (ConcurrentModificationException e) {
            // One of them is being started or stopped; the next look sees how that ended.
            LOG.debug("A look was broken off", e);
        } catch (RuntimeException e) {
            LOG.warn("The consumers could not be looked at", e);
        }
    }

    private void look(String id, KafkaConsumer consumer) {
        if (!consumer.isStarted() || restarting.contains(id)) {
            found.remove(id);
            return;
        }
        long now = System.nanoTime();
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        List<Seen> seen = readers().look(configuration.getGroupId(), topics(configuration));
        Found before = found.get(id);
        boolean full = seen.size() >= configuration.getConsumersCount();
        long fullAt = full || before == null ? now : before.fullAt();
        Condition condition = Condition.of(
                configuration.getConsumersCount(),
                consumer.healthStates().stream().anyMatch(TaskHealthState::isTerminated),
                seen,
                Duration.ofNanos(now - fullAt),
                longestAttempt,
                Duration.ofMillis(configuration.getMaxPollIntervalMs()));
        boolean again = before != null && !before.condition().isWell();
        found.put(
                id,
                new Found(condition, seen.stream().mapToInt(Seen::partitions).sum(), fullAt));
        if (!condition.isWell() && again && mayRestart(id, now)) {
            restart(id, consumer, condition);
        }
    }

    private boolean mayRestart(String id, long now) {
        Long last = restarted.get(id);
        return last == null || now - last > BETWEEN_RESTARTS_NANOS;
    }

    private void restart(String id, KafkaConsumer consumer, Condition condition) {
        restarting.add(id);
        try {
            restarts.execute(() -> {
                try {
                    LOG.warn("The consumer of {} is {}; it is started anew", id, text(condition));
                    restart(id, consumer);
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

    private void restart(String id, KafkaConsumer consumer) {
        Route route = getCamelContext().getRoute(id);
        if (route == null || route.getConsumer() != consumer || !consumer.isStarted()) {
            return;
        }
        KafkaConfiguration configuration = consumer.getEndpoint().getConfiguration();
        readers().interrupt(configuration.getGroupId(), topics(configuration), longestAttempt);
        ServiceHelper.stopService(consumer);
        readers().abandon(configuration.getGroupId(), topics(configuration));
        // Unless an operator has stopped the route meanwhile.
        if (getCamelContext().getRouteController().getRouteStatus(id).isStarted()) {
            ServiceHelper.startService(consumer);
        }
        getCamelContext()
                .getRegistry()
                .findSingleByType(MeterRegistry.class)
                .counter("caravan.consumer.restarts", "route", id)
                .increment();
    }

    private Readers readers() {
        return getCamelContext().getRegistry().findSingleByType(Readers.class);
    }

    private static Set<String> topics(KafkaConfiguration configuration) {
        return Arrays.stream(configuration.getTopic().split(",")).collect(Collectors.toSet());
    }

    private static String text(Condition condition) {
        return condition.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    /** Says what the last look found. */
    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Map<String, Found> last = new TreeMap<>(found);
        builder.message(last.entrySet().stream()
                .map(each -> each.getKey() + " " + text(each.getValue().condition()) + " ("
                        + each.getValue().partitions() + ")")
                .collect(Collectors.joining(", ")));
        boolean well = restarting.isEmpty()
                && last.values().stream().allMatch(each -> each.condition().isWell());
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
