package dev.caravan.platform.sse;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.MountedPath.MountedRequest;
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
 * The streams of this process. A change of their data wakes them, in this process or another one. A lost wake-up delays
 * an event by up to 2 s: every 2 s the positions of all clients are compared, with one query for up to 500 of them.
 * Routes run on {@value #WORKERS} threads.
 */
public final class Streams extends ContextBean implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
    private static final int WORKERS = 4;
    private static final int KEYS_PER_QUERY = 500;
    private static final int RETRY_AFTER_SECONDS = 5;
    private static final double LIFE_SPREAD = 0.2;
    private static final Duration MAX_DRAIN = Duration.ofSeconds(3);
    private static final long DRAIN_MILLIS_PER_STREAM = 10;
    private static final int CHECK_MILLIS = 20;

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

    /** Makes this the current route of its path's streams. */
    void attach(StreamConsumer route) {
        begin();
        bean(Tickets.class).accept(route.path());
        paths.computeIfAbsent(route.path(), any -> new StreamPath()).attach(route);
    }

    /** Ends the path's streams, unless another route has replaced this one. */
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
                .description("Open streams")
                .register(registry);
        Gauge.builder("caravan.sse.clients.behind", behind, AtomicInteger::get)
                .description("Clients that read more slowly than events arrive")
                .register(registry);
        Gauge.builder("caravan.sse.held.bytes", held, AtomicLong::get)
                .description("Bytes of events that clients have not received yet")
                .register(registry);
        resumes = Counter.builder("caravan.sse.resumes")
                .description("Streams that began after an event named by the client")
                .register(registry);
        resets = Counter.builder("caravan.sse.resets")
                .description("Streams that could not resume because the client's id is unknown")
                .register(registry);
        delivery = Timer.builder("caravan.sse.delivery")
                .description("Time from the creation of an event's data until the event is written")
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
        background = getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-streams-poll");
        background.scheduleWithFixedDelay(
                new RepeatedTask("The comparison of stream positions", LOG, this::comparePositions),
                pollMillis,
                pollMillis,
                TimeUnit.MILLISECONDS);
        wakeUps = WakeUps.of(getCamelContext(), topic, this::wakeHere);
    }

    void open(StreamConsumer route, MountedRequest mountedRequest, Map<String, Object> headers, String key) {
        ProblemException refusal = draining
                ? ProblemException.unavailable("The server is about to stop.", RETRY_AFTER_SECONDS)
                : connections.get() >= maxConnections
                        ? tooMany("The server has reached its maximum number of streams.")
                        : null;
        if (refusal != null) {
            mountedRequest.leave();
            mountedRequest.refuse(refusal);
            return;
        }
        connections.incrementAndGet();
        StreamPath path = paths.get(route.path());
        Stream stream = new Stream(this, path, mountedRequest, headers, key, lastEventId(headers));
        // Added before its route runs, so that concurrent changes wake it.
        path.add(stream);
        stream.begin();
    }

    private static Object lastEventId(Map<String, Object> headers) {
        Object header = headers.get("Last-Event-ID");
        Object id = header == null || header.toString().isBlank() ? headers.get("after") : header;
        return id == null ? null : value(id.toString());
    }

    private static ProblemException tooMany(String detail) {
        // Jittered, so that clients rejected together do not retry together.
        return ProblemException.tooMany(
                detail, RETRY_AFTER_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_AFTER_SECONDS));
    }

    /** @return why the stream may not begin, or null */
    ProblemException admit(Stream stream, String user) {
        if (users.merge(user, 1, Integer::sum) > maxPerUser) {
            release(user);
            return tooMany("The user has reached the maximum number of open streams.");
        }
        if (stream.lastId() != null) {
            resumes.increment();
        }
        return null;
    }

    /** @param user null if the stream was not admitted */
    void closed(Stream stream, StreamPath path, String user) {
        path.remove(stream);
        connections.decrementAndGet();
        if (user != null) {
            release(user);
        }
    }

    private void release(String user) {
        users.computeIfPresent(user, (any, open) -> open == 1 ? null : Integer.valueOf(open - 1));
    }

    /** Counts a stream whose client's last event id is unknown. */
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

    /** The lifetime of one stream, jittered so that streams that began together do not end together. */
    long lifeMillis() {
        return (long) (lifeMillis * ThreadLocalRandom.current().nextDouble(1 - LIFE_SPREAD, 1 + LIFE_SPREAD));
    }

    WorkerExecutor worker(Vertx vertx) {
        if (workers == null) {
            // Vert.x shares one executor for each name.
            workers = vertx.createSharedWorkerExecutor("caravan-streams", WORKERS);
        }
        return workers;
    }

    /**
     * Wakes the streams of this path and key, in this process and in others. Within a transaction they are woken after
     * its commit.
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

    /** Wakes the streams of these keys at once, in this process and in others. Never blocks and never fails. */
    public void wake(String path, Collection<?> keys) {
        WakeUps others = wakeUps;
        if (others == null) {
            // This process has no stream route.
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

    private void comparePositions() throws Exception {
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

    /** A number if the text is one, because PostgreSQL does not compare numbers with text. */
    static Object value(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return text;
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
     * Ends all streams, spread over up to 3 s, so that their clients do not all reconnect at once. Rejects new streams.
     */
    public void drain() {
        draining = true;
        List<Stream> all = new ArrayList<>();
        paths.values().forEach(path -> all.addAll(path.all()));
        Collections.shuffle(all);
        long spread = Math.min(MAX_DRAIN.toMillis(), DRAIN_MILLIS_PER_STREAM * all.size());
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
                Thread.sleep(CHECK_MILLIS);
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

    /** Sets the topic through which processes wake each other's streams. */
    public void setTopic(String topic) {
        this.topic = topic;
    }

    /** Sets the interval of comment lines. */
    public void setHeartbeat(String duration) {
        heartbeatMillis = Durations.millis(duration);
    }

    /** Sets the lifetime of a stream, ± 20 %. */
    public void setLife(String duration) {
        lifeMillis = Durations.millis(duration);
    }

    /** Sets the interval in which positions are compared. */
    public void setPoll(String duration) {
        pollMillis = Durations.millis(duration);
    }
}
