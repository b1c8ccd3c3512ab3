package dev.caravan.capability.webhooks;

import dev.caravan.platform.context.ErrorText;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Posts webhooks. Connects to the given address, which the caller has checked, and uses the URL's host only for TLS and the
 * header {@code Host}. Follows no redirects, uses no proxy, and reads at most {@link #MAX_BODY} bytes of a response.
 */
final class WebhookClient implements AutoCloseable {

    /**
     * The result of an attempt.
     *
     * @param status the HTTP status; 0 without a response
     * @param text the beginning of the response, or the reason why there is none, as text that a database can store
     * @param retryAfter milliseconds that the endpoint asked to wait
     */
    record Answer(int status, String text, long retryAfter) {

        Answer {
            text = text.replace('\0', ' ')
                    .codePoints()
                    .limit(MAX_TEXT)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }

        static Answer failed(String reason) {
            return new Answer(0, reason, 0);
        }

        static Answer failed(Throwable failure) {
            return failed(ErrorText.root(failure, MAX_TEXT));
        }

        boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    private static final int MAX_BODY = 4 * 1024;
    private static final int MAX_TEXT = 200;
    private static final int CONNECT_MILLIS = 5_000;
    private static final int IDLE_SECONDS = 30;

    private final Vertx vertx = Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
    private final HttpClient client;
    private final long timeoutMillis;

    /** @param connections maximum number of concurrent requests to one host; others wait */
    WebhookClient(Duration timeout, int connections) {
        timeoutMillis = timeout.toMillis();
        client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setIdleTimeout(IDLE_SECONDS)
                        .setKeepAliveTimeout(IDLE_SECONDS)
                        .setMaxRedirects(0))
                .with(new PoolOptions().setHttp1MaxSize(connections))
                // Each request reports its own failure. Without a handler, Vert.x logs data from endpoints.
                .withConnectHandler(connection -> connection.exceptionHandler(failure -> {}))
                .build();
    }

    /** Completes within the timeout, and never exceptionally. */
    CompletableFuture<Answer> post(WebhookUrl url, InetAddress address, Map<String, String> headers, byte[] payload) {
        Call call = new Call();
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port())))
                .setHost(url.host())
                .setPort(url.port())
                .setSsl(url.isSecure())
                .setURI(url.path())
                .setFollowRedirects(false);
        headers.forEach(options::putHeader);
        vertx.runOnContext(any -> {
            long timer = vertx.setTimer(
                    timeoutMillis, expired -> call.end(Answer.failed("no answer within " + timeoutMillis + " ms")));
            call.answer.whenComplete((answer, none) -> vertx.cancelTimer(timer));
            client.request(options)
                    .onSuccess(request -> call.send(request, payload))
                    .onFailure(call::failed);
        });
        return call.answer;
    }

    /** One request. Runs on the event loop. */
    private static final class Call {
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private final Buffer body = Buffer.buffer();
        private HttpClientRequest request;
        private HttpClientResponse response;

        void send(HttpClientRequest opened, byte[] payload) {
            request = opened;
            if (answer.isDone()) {
                request.reset();
                return;
            }
            request.send(Buffer.buffer(payload)).onSuccess(this::receive).onFailure(this::failed);
        }

        private void receive(HttpClientResponse received) {
            response = received;
            response.exceptionHandler(this::failed);
            response.endHandler(end -> complete());
            response.handler(part -> {
                body.appendBuffer(part, 0, Math.min(part.length(), MAX_BODY - body.length()));
                if (body.length() == MAX_BODY) {
                    end(Answer.failed(""));
                }
            });
        }

        void failed(Throwable failure) {
            end(Answer.failed(failure));
        }

        /**
         * Ends the request early.
         *
         * @param otherwise the result if the response has not begun
         */
        void end(Answer otherwise) {
            if (response != null) {
                complete();
            } else {
                answer.complete(otherwise);
            }
            if (request != null) {
                request.reset();
            }
        }

        private void complete() {
            answer.complete(new Answer(
                    response.statusCode(),
                    body.toString(StandardCharsets.UTF_8),
                    RetrySchedule.retryAfter(response.getHeader("Retry-After"), Instant.now())));
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
