package dev.caravan.platform.sse;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.MountedPath;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Grant;
import dev.caravan.platform.security.Tickets;
import dev.caravan.platform.settings.Durations;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The streams of this process. A stream is woken by whoever changes its data, here or in another process; a wake-up
 * that is lost costs 2 s, for every 2 s the positions of all clients are compared, by one query for up to 500 of them.
 * Their routes run on {@value #WORKERS} threads.
 */
public final class Streams extends ContextBean implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
    private static final int WORKERS = 4;
    private static final int KEYS_PER_QUERY = 500;
    private static final int RETRY_AFTER_SECONDS = 5;
    private static final double LIFE_SPREAD = 0.2;
    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(3);
    private static final long DRAIN_MILLIS_PER_STREAM = 10;
    private static final int LOOK_MILLIS = 20;

    private final Map<String, StreamPath> paths = new ConcurrentHashMap<>();
    private final Map<String, Integer> users = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger behind = new AtomicInteger();
    private final AtomicLong held = new AtomicLong();
    private int maxConnections = 20_000;
    private int maxPerUser = 20;
    private long heartbeatMillis = 25_000;
    private long lifeMillis = 600_000;
    private long pollMillis = 2_000;
    private String topic = "";
    private volatile boolean draining;
    private volatile WorkerExecutor workers;
    private ScheduledExecutorService background;
    private ProducerTemplate positions;
    private volatile WakeUps wakeUps;
    private Counter resumes;
    private Counter resets;
    private Timer delivery;

    /** From now on this route feeds the streams of its path. */
    void attach(StreamConsumer route) {
        begin();
        bean(Tickets.class).open(route.path());
        paths.computeIfAbsent(route.path(), any -> new StreamPath()).attach(route);
    }

    /** The path has no route any more, unless another one has taken it over. */
    void detach(StreamConsumer route) {
        StreamPath path = paths.get(route.path());
        if (path != null && path.route() == route) {
            path.all().forEach(stream -> stream.end("rotate"));
        }
    }

    private synchronized void begin() {
        if (background != null) {
            return;
        }
        MeterRegistry registry = bean(MeterRegistry.class);
        Gauge.builder("caravan.sse.connections", connections, AtomicInteger::get)
                .description("Clients that have a stream open")
                .register(registry);
        Gauge.builder("caravan.sse.clients.behind", behind, AtomicInteger::get)
                .description("Clients that do not read as fast as there is something new")
                .register(registry);
        Gauge.builder("caravan.sse.held.bytes", held, AtomicLong::get)
                .description("Bytes of events that clients have not taken yet")
                .register(registry);
        resumes = Counter.builder("caravan.sse.resumes")
                .description("Streams that began behind an event that the client named")
                .register(registry);
        resets = Counter.builder("caravan.sse.resets")
                .description("Streams that could not resume where the client asked")
                .register(registry);
        delivery = Timer.builder("caravan.sse.delivery")
                .description("From the creation of what an event tells until it is written")
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(15),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10))
                .register(registry);
        positions = getCamelContext().createProducerTemplate();
        background = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "caravan-streams-poll");
            thread.setDaemon(true);
            return thread;
        });
        background.scheduleWithFixedDelay(
                new RepeatedTask("The look for news of streams", LOG, this::look),
                pollMillis,
                pollMillis,
                TimeUnit.MILLISECONDS);
        wakeUps = WakeUps.of(getCamelContext(), topic, this::wakeHere);
    }

    void open(StreamConsumer route, MountedPath.Entry entry, Map<String, Object> headers, String key) {
        ProblemException refusal = draining
                ? ProblemException.unavailable("The server is about to stop.", RETRY_AFTER_SECONDS)
                : connections.get() >= maxConnections ? tooMany("The server has as many streams as it takes.") : null;
        if (refusal != null) {
            entry.leave();
            entry.refuse(refusal);
            return;
        }
        connections.incrementAndGet();
        StreamPath path = paths.get(route.path());
        Stream stream = new Stream(this, path, entry, headers, key, given(headers));
        // Before its route runs, or what changes meanwhile would not wake it.
        path.add(stream);
        stream.begin();
    }

    private static Object given(Map<String, Object> headers) {
        Object header = headers.get("Last-Event-ID");
        Object id = header == null || header.toString().isBlank() ? headers.get("after") : header;
        if (id == null) {
            return null;
        }
        try {
            return Long.parseLong(id.toString());
        } catch (NumberFormatException e) {
            return id.toString();
        }
    }

    private static ProblemException tooMany(String detail) {
        // Clients that are turned away at the same time do not come back at the same time.
        return ProblemException.tooMany(
                detail, RETRY_AFTER_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_AFTER_SECONDS));
    }

    /** @return why the stream may not begin, or null */
    ProblemException admit(Stream stream, String user) {
        int[] open = new int[1];
        users.compute(user, (any, now) -> {
            open[0] = now == null ? 0 : now;
            return open[0] < maxPerUser ? Integer.valueOf(open[0] + 1) : now;
        });
        if (open[0] >= maxPerUser) {
            return tooMany("The user has as many streams open as one may have.");
        }
        if (stream.lastId() != null) {
            resumes.increment();
        }
        return null;
    }

    /** @param user null where it was not admitted */
    void closed(Stream stream, StreamPath path, String user) {
        path.remove(stream);
        connections.decrementAndGet();
        if (user != null) {
            users.computeIfPresent(user, (any, open) -> open == 1 ? null : Integer.valueOf(open - 1));
        }
    }

    /** A client has asked for an event that is not known. */
    public void reset() {
        resets.increment();
    }

    void delivered(long millis) {
        delivery.record(millis, TimeUnit.MILLISECONDS);
    }

    void behind(int more) {
        behind.addAndGet(more);
    }

    void held(int more) {
        held.addAndGet(more);
    }

    boolean isValid(Grant grant) {
        return bean(Authenticator.class).isValid(grant);
    }

    long heartbeatNanos() {
        return TimeUnit.MILLISECONDS.toNanos(heartbeatMillis);
    }

    /** Of one stream: those that began together do not end together. */
    long lifeMillis() {
        return (long) (lifeMillis * ThreadLocalRandom.current().nextDouble(1 - LIFE_SPREAD, 1 + LIFE_SPREAD));
    }

    WorkerExecutor worker(Vertx vertx) {
        if (workers == null) {
            // Vert.x keeps one of that name.
            workers = vertx.createSharedWorkerExecutor("caravan-streams", WORKERS);
        }
        return workers;
    }

    /**
     * There is something new for the streams of this path and key, in this process and in the others. Within a
     * transaction nobody learns of it before its commit.
     */
    public void wakeAfterCommit(String path, String key) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            wake(path, List.of(key));
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                wake(path, List.of(key));
            }
        });
    }

    /** There is something new for these, and it has been committed. It does not wait, and it does not fail. */
    public void wake(String path, Collection<?> keys) {
        WakeUps others = wakeUps;
        if (others == null) {
            // No route of a stream has been started here, so none is known elsewhere either.
            return;
        }
        for (Object key : keys) {
            wakeHere(path, key.toString());
            others.send(path, key.toString());
        }
    }

    private void wakeHere(String path, String key) {
        StreamPath streams = paths.get(path);
        if (streams != null) {
            streams.of(key).forEach(Stream::wake);
        }
    }

    private void look() throws Exception {
        for (StreamPath path : paths.values()) {
            StreamConsumer route = path.route();
            if (!route.mayRun()) {
                continue;
            }
            if (route.positions() == null) {
                path.all().forEach(Stream::wake);
                continue;
            }
            List<Object> keys = path.keys().stream().map(Streams::value).toList();
            for (int from = 0; from < keys.size(); from += KEYS_PER_QUERY) {
                compare(path, route.positions(), keys.subList(from, Math.min(keys.size(), from + KEYS_PER_QUERY)));
            }
        }
    }

    /** A number for a number: a database does not compare one with a text. */
    private static Object value(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            return key;
        }
    }

    private void compare(StreamPath path, String route, List<Object> keys) throws Exception {
        Exchange answer =
                positions.request(route, exchange -> exchange.getMessage().setHeader("keys", keys));
        if (answer.getException() != null) {
            throw answer.getException();
        }
        for (Map<String, Object> row : RowsResponse.of(answer.getMessage().getBody())) {
            long position = ((Number) row.get("position")).longValue();
            path.of(row.get("key").toString()).stream()
                    .filter(stream -> stream.isBefore(position))
                    .forEach(Stream::wake);
        }
    }

    /**
     * Ends all streams, spread over some time, so that their clients do not come back elsewhere at once. New ones are
     * refused.
     */
    public void drain() {
        draining = true;
        List<Stream> all = new ArrayList<>();
        paths.values().forEach(path -> all.addAll(path.all()));
        Collections.shuffle(all);
        long spread = Math.min(LONGEST_DRAIN.toMillis(), DRAIN_MILLIS_PER_STREAM * all.size());
        long begin = System.nanoTime();
        try {
            for (int i = 0; i < all.size(); i++) {
                long wait = spread * i / all.size() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                if (wait > 0) {
                    Thread.sleep(wait);
                }
                all.get(i).end("drain");
            }
            long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            while (connections.get() > 0 && System.nanoTime() < end) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        if (background != null) {
            background.shutdownNow();
            wakeUps.close();
        }
    }

    public void setMaxConnections(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    public void setMaxPerUser(int maxPerUser) {
        this.maxPerUser = maxPerUser;
    }

    /** The topic by which the processes wake each other's streams. */
    public void setTopic(String topic) {
        this.topic = topic;
    }

    /** How often a comment is written. */
    public void setHeartbeat(String duration) {
        heartbeatMillis = Durations.millis(duration);
    }

    /** How long a stream lives, give or take a fifth. */
    public void setLife(String duration) {
        lifeMillis = Durations.millis(duration);
    }

    /** How often positions are compared. */
    public void setPoll(String duration) {
        pollMillis = Durations.millis(duration);
    }
}
