package dev.caravan.platform.idempotency;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Sha256;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.edge.AcceptedResponse;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.MessageOwner;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.edge.TraceParent;
import dev.caravan.platform.settings.Durations;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import javax.sql.DataSource;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.springframework.dao.support.DataAccessUtils;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Runs the nested steps once for each {@code Idempotency-Key} (draft-ietf-httpapi-idempotency-key-header). While the key
 * is stored, the same request gets the first answer again and publishes nothing. Another request with the key gets 422,
 * and the same request gets 409 while the first one is running. Only successful answers are stored; a failure releases
 * the key. Requests without the header are not affected.
 *
 * <p>If the process dies between Kafka's acknowledgement and the answer, the key is released after {@link #ABANDONED}.
 * The repeated message then has the same MessageID, so it takes effect once.
 */
public final class IdempotentRequestPolicy extends ContextBean implements Policy {

    private static final String HEADER = "Idempotency-Key";
    private static final Duration ABANDONED = Duration.ofSeconds(30);

    private static final int THREADS = 20;

    private long keptMillis;
    private JdbcTemplate jdbc;
    private ExecutorService threads;

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        // The check of an edit calls this too and must not replace the pool.
        if (threads == null) {
            jdbc = new JdbcTemplate(bean(DataSource.class));
            threads = getCamelContext().getExecutorServiceManager().newFixedThreadPool(this, "idempotent", THREADS);
        }
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        return new DelegateAsyncProcessor(steps) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                String key = exchange.getMessage().getHeader(HEADER, String.class);
                if (key == null) {
                    return processor.process(exchange, callback);
                }
                // The caller's thread may be an event loop, which must not block.
                threads.execute(() -> {
                    try {
                        runOnce(
                                exchange,
                                route.getRouteId(),
                                MessageOwner.full(exchange, MessageId.checked(key, HEADER)),
                                processor);
                    } catch (Exception e) {
                        exchange.setException(e);
                    }
                    callback.done(false);
                });
                return false;
            }
        };
    }

    private void runOnce(Exchange exchange, String scope, String key, Processor steps) throws Exception {
        String request = fingerprint(exchange);
        if (!reserve(scope, key, request)) {
            answerAgain(exchange, scope, key, request);
            return;
        }
        CrashPoint.KEY_TAKEN.reachedBy(key);
        boolean answered = false;
        try {
            steps.process(exchange);
            answered = succeeded(exchange);
            if (answered) {
                store(exchange, scope, key);
                CrashPoint.ANSWER_KEPT.reachedBy(key);
            }
        } finally {
            if (!answered) {
                jdbc.update("DELETE FROM idempotency_keys WHERE scope = ? AND idempotency_key = ?", scope, key);
            }
        }
    }

    /**
     * Reserves the key unless another request holds it. First releases it if it has expired or its process has died.
     */
    private boolean reserve(String scope, String key, String request) {
        Instant now = Instant.now();
        jdbc.update(
                "DELETE FROM idempotency_keys WHERE scope = ? AND idempotency_key = ?"
                        + " AND (began_at < ? OR status IS NULL AND began_at < ?)",
                scope,
                key,
                Timestamp.from(now.minusMillis(keptMillis)),
                Timestamp.from(now.minus(ABANDONED)));
        return jdbc.update(
                        "INSERT INTO idempotency_keys (scope, idempotency_key, request, began_at) VALUES (?, ?, ?, ?)"
                                + " ON CONFLICT DO NOTHING",
                        scope,
                        key,
                        request,
                        Timestamp.from(now))
                == 1;
    }

    private void store(Exchange exchange, String scope, String key) {
        Message reply = exchange.getMessage();
        jdbc.update(
                "UPDATE idempotency_keys SET status = ?, message_id = ?, traceparent = ?, answer = ?"
                        + " WHERE scope = ? AND idempotency_key = ?",
                status(reply),
                reply.getHeader("Message-ID", String.class),
                exchange.getProperty(TraceParent.PROPERTY, String.class),
                reply.getBody(String.class),
                scope,
                key);
    }

    private void answerAgain(Exchange exchange, String scope, String key, String request) {
        // Null if the first request has just failed and released the key.
        Map<String, Object> first = DataAccessUtils.singleResult(jdbc.queryForList(
                "SELECT request, status, message_id, traceparent, answer FROM idempotency_keys"
                        + " WHERE scope = ? AND idempotency_key = ?",
                scope,
                key));
        if (first != null && !request.equals(first.get("request"))) {
            throw ProblemException.of(422, "key-reused", "This Idempotency-Key was used for another request.");
        }
        if (first == null || first.get("status") == null) {
            throw ProblemException.of(409, "in-progress", "A request with this Idempotency-Key is still running.");
        }
        String messageId = (String) first.get("message_id");
        Message reply = exchange.getMessage();
        reply.removeHeaders("*");
        reply.setHeader(Exchange.HTTP_RESPONSE_CODE, first.get("status"));
        reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
        if (messageId != null) {
            exchange.setProperty(RequestValidator.MESSAGE_ID, messageId);
            exchange.setProperty(TraceParent.PROPERTY, first.get("traceparent"));
            AcceptedResponse.receipt(reply, messageId);
        }
        reply.setBody(first.get("answer"));
    }

    /** Sets how long keys and answers are stored. */
    public void setKept(String duration) {
        keptMillis = Durations.millis(duration);
    }

    private static boolean succeeded(Exchange exchange) {
        return exchange.getException() == null
                && status(exchange.getMessage()) < 300
                && !exchange.getProperty(RequestValidator.INCOMPLETE, false, Boolean.class);
    }

    private static int status(Message reply) {
        return reply.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
    }

    /**
     * Two requests are the same if these are equal: the media type without parameters such as a charset, the bytes of
     * the body or the fields of the form, and the attributes of a CloudEvent in binary mode.
     */
    private static String fingerprint(Exchange exchange) {
        Message message = exchange.getMessage();
        byte[] body = message.getBody() instanceof Map<?, ?> form
                ? Json.bytes(new TreeMap<>(form))
                : message.getBody(byte[].class);
        Map<String, Object> attributes = new TreeMap<>();
        message.getHeaders().forEach((name, value) -> {
            if (name.regionMatches(true, 0, "ce-", 0, 3)) {
                attributes.put(name.toLowerCase(Locale.ROOT), value);
            }
        });
        return HexFormat.of()
                .formatHex(Sha256.of(
                        RequestValidator.mediaType(message, "").getBytes(StandardCharsets.UTF_8),
                        attributes.isEmpty() ? new byte[0] : Json.bytes(attributes),
                        body == null ? new byte[0] : body));
    }
}
