package dev.caravan.platform.sse;

import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.MountedPath;
import dev.caravan.platform.http.MountedPath.MountedRequest;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Grant;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The stream of one client. Runs its route while there may be new data and fewer than half of {@link #MAX_UNSENT_BYTES}
 * are unsent. Events that do not fit are dropped and read from the database again later. Runs on the connection's event
 * loop, except the route and methods that say otherwise.
 */
final class Stream {

    /** Maximum unsent bytes of one client. A single event may be larger and then is the only one. */
    static final int MAX_UNSENT_BYTES = 64 * 1024;

    private static final int RETRY_MIN_MILLIS = 2_000;
    private static final int RETRY_MAX_MILLIS = 4_000;
    private static final long RETRY_ROUTE_MILLIS = 2_000;
    private static final long FLUSH_MILLIS = 2_000;
    private static final Buffer COMMENT = Buffer.buffer(":\n\n");

    private final Streams streams;
    private final StreamPath path;
    private final RoutingContext request;
    private final HttpServerResponse response;
    private final Context loop;
    private final Caller caller;
    private final Map<String, Object> headers;
    private final String key;
    private final AtomicBoolean due = new AtomicBoolean(true);

    private MountedRequest mountedRequest;
    private Grant grant;
    private volatile Object lastId;
    private volatile Object state;
    private volatile long position = Long.MIN_VALUE;
    private volatile boolean open;
    private boolean running;
    private boolean ended;
    private boolean closed;
    private boolean behind;
    private boolean counted;
    private int held;
    private long openedMillis;
    private long heartbeatNanos;
    private long endNanos;
    private String endReason = "rotate";
    private long timer = -1;

    Stream(
            Streams streams,
            StreamPath path,
            MountedRequest mountedRequest,
            Map<String, Object> headers,
            String key,
            Object lastId) {
        this.streams = streams;
        this.path = path;
        this.mountedRequest = mountedRequest;
        this.headers = headers;
        this.key = key;
        this.lastId = lastId;
        request = mountedRequest.context();
        response = request.response();
        loop = request.vertx().getOrCreateContext();
        caller = mountedRequest.caller();
    }

    String key() {
        return key;
    }

    Map<String, Object> headers() {
        return headers;
    }

    Caller caller() {
        return caller;
    }

    Object lastId() {
        return lastId;
    }

    Object state() {
        return state;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether the client has not received everything up to that position. */
    boolean isBefore(long position) {
        return this.position < position;
    }

    /** Called by any thread when there may be new data. Repeated calls cost nothing until the route has run. */
    void wake() {
        if (due.compareAndSet(false, true)) {
            loop.runOnContext(any -> advance());
        }
    }

    /** Called after the route was replaced. */
    void runAgain() {
        due.set(true);
        loop.runOnContext(any -> advance());
    }

    /** May be called by any thread. */
    void end(String reason) {
        loop.runOnContext(any -> bye(reason));
    }

    void begin() {
        request.addEndHandler(ended -> close());
        advance();
    }

    private Vertx vertx() {
        return request.vertx();
    }

    private void advance() {
        if (closed || ended || running || !due.get()) {
            return;
        }
        if (held > MAX_UNSENT_BYTES / 2) {
            behind(true);
            return;
        }
        StreamConsumer route = path.route();
        if (route == null || !route.mayRun()) {
            // The next route to attach runs the stream.
            return;
        }
        running = true;
        due.set(false);
        streams.worker(vertx()).executeBlocking(() -> route.run(this), false).onComplete(this::done);
    }

    private void done(AsyncResult<StreamRun.StreamPage> run) {
        if (closed || ended) {
            leave();
        } else if (run.failed()) {
            failed(run.cause());
        } else if (open || beginAnswer()) {
            deliver(run.result());
        }
        // Last, because a write may complete at once, and the next run must start where this one has ended.
        running = false;
        if (open && run.succeeded()) {
            advance();
        }
    }

    private void failed(Throwable cause) {
        if (!open) {
            refuse(cause);
        } else if (cause instanceof StreamRun.RefusedException refused && refused.status() < 500) {
            // The data no longer exists, or the client has lost access to it.
            bye("expired");
        } else {
            due.set(true);
            vertx().setTimer(RETRY_ROUTE_MILLIS, any -> advance());
        }
    }

    private void refuse(Throwable cause) {
        leave();
        if (cause instanceof StreamRun.RefusedException refused && !response.ended()) {
            refused.headers().forEach(response::putHeader);
            response.setStatusCode(refused.status()).end(Buffer.buffer(refused.body()));
        } else {
            request.fail(cause);
        }
    }

    private void leave() {
        if (mountedRequest != null) {
            mountedRequest.leave();
            mountedRequest = null;
        }
    }

    /** Begins the answer after the first successful run of the route. Returns false if there is no stream. */
    private boolean beginAnswer() {
        ProblemException tooMany = streams.admit(this, user());
        if (tooMany != null) {
            MountedRequest refused = mountedRequest;
            leave();
            refused.refuse(tooMany);
            return false;
        }
        counted = true;
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no");
        if (request.request().method() == HttpMethod.HEAD) {
            leave();
            response.end();
            return false;
        }
        grant = mountedRequest.grant().get();
        mountedRequest.beginStream();
        leave();
        response.setChunked(true);
        open = true;
        openedMillis = System.currentTimeMillis();
        long now = System.nanoTime();
        long lifeMillis = streams.lifeMillis();
        long tokenMillis = grant.endsAtMillis() - openedMillis;
        if (tokenMillis < lifeMillis) {
            endReason = "expired";
        }
        endNanos = now + TimeUnit.MILLISECONDS.toNanos(Math.max(0, Math.min(lifeMillis, tokenMillis)));
        heartbeatNanos = now + streams.heartbeatNanos();
        schedule(now);
        int retry = ThreadLocalRandom.current().nextInt(RETRY_MIN_MILLIS, RETRY_MAX_MILLIS + 1);
        write(Buffer.buffer("retry: " + retry + "\n\n"));
        return true;
    }

    /** Streams with the same value count for one user's maximum. */
    private String user() {
        return !key.isEmpty()
                ? key
                : caller != null
                        ? caller.scope()
                        : request.request().remoteAddress().hostAddress();
    }

    private void deliver(StreamRun.StreamPage streamPage) {
        Buffer chunk = Buffer.buffer();
        lastId = streamPage.lastId() != null || streamPage.reset() ? streamPage.lastId() : lastId;
        int written = 0;
        for (StreamRun.EncodedEvent event : streamPage.events()) {
            int waiting = held + chunk.length();
            if (waiting > 0 && waiting + event.bytes().length() > MAX_UNSENT_BYTES) {
                break;
            }
            chunk.appendBuffer(event.bytes());
            written++;
            state = event.state();
            if (event.id() != null) {
                lastId = event.id();
            }
            if (event.createdMillis() >= openedMillis) {
                streams.delivered(System.currentTimeMillis() - event.createdMillis());
            }
        }
        boolean cut = written < streamPage.events().size();
        behind(cut);
        if (cut || streamPage.more()) {
            due.set(true);
        } else if (streamPage.position() != null) {
            position = streamPage.position();
        }
        if (chunk.length() > 0) {
            write(chunk);
        }
    }

    private void behind(boolean now) {
        if (behind != now) {
            behind = now;
            streams.behind(now ? 1 : -1);
        }
    }

    private void write(Buffer chunk) {
        int length = chunk.length();
        held += length;
        streams.held(length);
        response.write(chunk).onComplete(written -> {
            held -= length;
            streams.held(-length);
            if (written.succeeded()) {
                advance();
            }
        });
    }

    private void schedule(long now) {
        long nanos = Math.min(heartbeatNanos, endNanos) - now;
        timer = vertx().setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1), any -> tick());
    }

    private void tick() {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        if (now >= endNanos) {
            bye(endReason);
            return;
        }
        if (now >= heartbeatNanos) {
            heartbeatNanos = now + streams.heartbeatNanos();
            if (!streams.isValid(grant)) {
                bye("expired");
                return;
            }
            if (held == 0) {
                write(COMMENT.copy());
            }
        }
        schedule(now);
    }

    private void bye(String reason) {
        if (closed || !open) {
            return;
        }
        open = false;
        ended = true;
        Future<Void> written = held < MAX_UNSENT_BYTES
                ? response.write(Buffer.buffer(
                        ("event: bye\ndata: {\"reason\":\"" + reason + "\"}\n\n").getBytes(StandardCharsets.UTF_8)))
                : Future.failedFuture("behind");
        boolean alone = request.request().version() != HttpVersion.HTTP_2;
        if (alone) {
            response.end().onComplete(any -> MountedPath.endStream(request));
        } else {
            // The end comes last: once it waits for the client, an HTTP/2 stream can no longer be reset.
            written.onSuccess(any -> {
                if (!closed) {
                    response.end();
                    MountedPath.endStream(request);
                }
            });
        }
        vertx().setTimer(FLUSH_MILLIS, any -> {
            // Otherwise a client that does not read would keep the connection open.
            if (alone) {
                request.request().connection().close();
            } else if (!closed) {
                response.reset();
            }
        });
    }

    private void close() {
        if (closed) {
            return;
        }
        closed = true;
        open = false;
        vertx().cancelTimer(timer);
        behind(false);
        if (!running) {
            leave();
        }
        streams.closed(this, path, counted ? user() : null);
    }
}
