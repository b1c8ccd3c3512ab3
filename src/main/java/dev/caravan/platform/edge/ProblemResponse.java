package dev.caravan.platform.edge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.database.DatabaseErrors;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.CamelContextHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers an exception with {@code application/problem+json} (RFC 9457), plus {@code message} and {@code success} for
 * older clients. An exception other than {@link ProblemException} is logged, and its text is not sent to the client.
 */
public final class ProblemResponse implements Processor {

    public static final String CONTENT_TYPE = "application/problem+json";

    private static final int RETRY_AFTER_SECONDS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(ProblemResponse.class);
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(417, "Expectation Failed"),
            Map.entry(422, "Unprocessable Content"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"));

    private final RateLimitedLogger log = new RateLimitedLogger();

    @Override
    public void process(Exchange exchange) {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        ProblemException problemException =
                cause instanceof ProblemException known ? known : unexpected(exchange, cause);
        Message reply = exchange.getMessage();
        reply.removeHeaders("*");
        reply.setHeader(Exchange.HTTP_RESPONSE_CODE, problemException.status());
        headers(problemException).forEach(reply::setHeader);
        reply.setBody(Json.bytes(body(problemException)));
    }

    /** Answers an exception that has left a route as the bean {@code problem} answers those that error policies handle. */
    public static void handleException(Exchange exchange) throws Exception {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, exchange.getException());
        exchange.setException(null);
        CamelContextHelper.mandatoryLookup(exchange.getContext(), "problem", Processor.class)
                .process(exchange);
    }

    public static Map<String, String> headers(ProblemException problemException) {
        Map<String, String> headers = new HashMap<>();
        headers.put(Exchange.CONTENT_TYPE, CONTENT_TYPE);
        if (problemException.retryAfter() > 0) {
            headers.put("Retry-After", Integer.toString(problemException.retryAfter()));
        }
        if (problemException.status() == 401) {
            headers.put("WWW-Authenticate", "Bearer");
        }
        return headers;
    }

    public static ObjectNode body(ProblemException problemException) {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("type", "urn:caravan:problem:" + problemException.type());
        body.put("title", TITLES.getOrDefault(problemException.status(), "Error"));
        body.put("status", problemException.status());
        body.put("detail", problemException.getMessage());
        body.put("success", false);
        body.put("message", problemException.getMessage());
        if (!problemException.errors().isEmpty()) {
            body.set("errors", Json.MAPPER.valueToTree(problemException.errors()));
        }
        return body;
    }

    private ProblemException unexpected(Exchange exchange, Exception cause) {
        try (LogContext logContext = LogContext.of(exchange)) {
            if (DatabaseErrors.unavailable(cause) || DatabaseErrors.timedOut(cause)) {
                log.warn(LOG, "database", "A request failed because the database is unavailable: {}", cause.toString());
                return ProblemException.unavailable("The database does not answer.", RETRY_AFTER_SECONDS);
            }
            LOG.error("A request failed", cause);
            return ProblemException.of(500, "internal", "The request failed; the program's log says why.");
        }
    }
}
