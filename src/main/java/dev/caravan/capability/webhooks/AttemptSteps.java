package dev.caravan.capability.webhooks;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.Rfc3339;
import dev.caravan.platform.http.RowsResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Steps of the requests that send something to an endpoint. */
public final class AttemptSteps {

    private static final String WEBHOOK_ID = "CaravanWebhookId";
    private static final int ACCEPTED = 202;

    private AttemptSteps() {}

    /** Creates a test event with a new id. */
    public static final class TestPayload implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String webhookId = "msg_" + MessageId.create();
            exchange.setProperty(WEBHOOK_ID, webhookId);
            message.setHeader("webhookId", webhookId);
            message.setHeader(
                    "payload", WebhookPayload.of("test", Instant.now(), "{}".getBytes(StandardCharsets.UTF_8)));
        }
    }

    public static final class TestResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, ACCEPTED);
            RowsResponse.answer(
                    message,
                    Json.MAPPER.createObjectNode().put("webhookId", exchange.getProperty(WEBHOOK_ID, String.class)));
        }
    }

    /** Reads {@code since}; without it, all failed deliveries are sent again. */
    public static final class ReadSince implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String since = message.getHeader("since", "1970-01-01T00:00:00Z", String.class);
            message.setHeader(
                    "since",
                    Rfc3339.parse(since)
                            .map(Timestamp::from)
                            .orElseThrow(() -> ProblemException.invalid(
                                    List.of(new Violation("/since", "must be a time such as 2026-01-02T03:04:05Z")))));
        }
    }

    public static final class ReplayResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            int replayed = message.getHeader("CamelSqlUpdateCount", Integer.class);
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, ACCEPTED);
            RowsResponse.answer(message, Json.MAPPER.createObjectNode().put("replayed", replayed));
        }
    }
}
