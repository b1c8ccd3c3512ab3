package dev.caravan.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Json;
import dev.caravan.edge.Problem;
import dev.caravan.http.Page;
import dev.caravan.http.Rows;
import dev.caravan.publish.Receipts;
import dev.caravan.security.Authenticate;
import dev.caravan.security.Caller;
import dev.caravan.security.Roles;
import dev.caravan.topics.TopicConsumer;
import dev.caravan.topics.Topics;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Where a message is, put together from what is kept anyway: the row of its MessageID, the rows of its failed attempts, its dead letters, and
 * the receipts that this process remembers. What none of them tells is said to be unknown, in {@code unknown}.
 *
 * <p>With authentication on, who lacks the role for {@link Roles#FAILURES} is not told why it failed and what was done about it.
 */
public final class Whereabouts {

    private static final String MESSAGE_ID = "messageId";
    private static final String PROCESSED = "processed";
    private static final String ATTEMPTS = "attempts";
    private static final String DEAD_LETTERS = "deadLetters";

    private Whereabouts() {}

    /** The MessageID and the consumers that could have processed it, for the queries. */
    public static final class Asked extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            message.setHeader(
                    "consumers",
                    bean(Topics.class).consumers().all().stream()
                            .map(TopicConsumer::name)
                            .distinct()
                            .toList());
            if (message.getHeader(MESSAGE_ID, String.class).indexOf('\0') >= 0) {
                throw unknown();
            }
        }
    }

    /** Whose inbox a notification went to: its record's key. */
    public static final class Recipient extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Topics topics = bean(Topics.class);
            rows(message, PROCESSED).stream()
                    .filter(row -> topics.findCapability((String) row.get("topic"))
                            .filter("notifications"::equals)
                            .isPresent())
                    .map(row -> (String) row.get("key"))
                    .filter(key -> key != null && key.matches("\\d{1,18}"))
                    .findFirst()
                    .ifPresent(key -> message.setHeader("recipient", Long.parseLong(key)));
        }
    }

    /** The answer; 404 when nothing at all is known. */
    public static final class Answered extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String messageId = message.getHeader(MESSAGE_ID, String.class);
            Known known = new Known(
                    bean(Receipts.class).find(messageId),
                    rows(message, PROCESSED),
                    rows(message, ATTEMPTS),
                    rows(message, DEAD_LETTERS));
            if (known.nothing()) {
                throw unknown();
            }
            ObjectNode answer = Json.MAPPER.createObjectNode().put(MESSAGE_ID, messageId);
            answer.put("state", known.state());
            Set<String> unknown = new LinkedHashSet<>();
            accepted(answer.putObject("accepted"), known, unknown);
            if (mayKnowFailures(exchange)) {
                answer.set(ATTEMPTS, oldestFirst(known.attempts()));
            } else {
                answer.put(ATTEMPTS, known.attempts().size());
            }
            if (known.state().equals("retrying")) {
                Map<String, Object> last = known.attempts().get(0);
                answer.putObject("retry")
                        .put("topic", (String) last.get("next"))
                        .put("dueAt", Page.time(last.get("dueAt")));
            }
            if (!known.processed().isEmpty()) {
                Map<String, Object> row = known.processed().get(0);
                answer.putObject(PROCESSED)
                        .put("at", Page.time(row.get("processedAt")))
                        .put("by", (String) row.get("processedBy"));
            }
            if (!known.deadLetters().isEmpty()) {
                if (mayKnowFailures(exchange)) {
                    answer.set(DEAD_LETTERS, oldestFirst(known.deadLetters()));
                } else {
                    answer.put(DEAD_LETTERS, known.deadLetters().size());
                }
            }
            if (message.getHeader("recipient") != null) {
                List<Map<String, Object>> read = rows(message, "read");
                answer.putObject("read")
                        .put("at", read.isEmpty() ? null : Page.time(read.get(0).get("at")));
            }
            if (known.state().equals("accepted")) {
                unknown.add("whether it is waiting for its consumer or being processed right now");
            }
            ArrayNode unknowns = answer.putArray("unknown");
            unknown.forEach(unknowns::add);
            Rows.answer(message, answer);
        }

        private void accepted(ObjectNode accepted, Known known, Set<String> unknown) {
            Receipts receipts = bean(Receipts.class);
            Optional<RecordMetadata> receipt = known.receipt();
            if (receipt.isPresent()) {
                RecordMetadata record = receipt.get();
                accepted.put("at", Instant.ofEpochMilli(record.timestamp()).toString())
                        .put("by", receipts.instance())
                        .put("topic", record.topic())
                        .put("partition", record.partition())
                        .put("offset", record.hasOffset() ? record.offset() : null);
                return;
            }
            unknown.add("which instance accepted it: another one, or one that has been started again since");
            Map<String, Object> row = known.any();
            accepted.put("at", Page.time(row.get("publishedAt")))
                    .putNull("by")
                    .put("topic", (String) row.get("topic"))
                    .putPOJO("partition", row.get("partition"))
                    .putPOJO("offset", row.get("offset"));
            if (row.get("publishedAt") == null) {
                unknown.add("when it was accepted, and where it stands");
            }
        }

        private static ArrayNode oldestFirst(List<Map<String, Object>> rows) {
            ArrayNode items = Json.MAPPER.createArrayNode();
            rows.forEach(row -> items.insert(0, Rows.json(row)));
            return items;
        }

        private boolean mayKnowFailures(Exchange exchange) {
            return bean(Roles.class).may(exchange.getProperty(Authenticate.CALLER, Caller.class), Roles.FAILURES);
        }
    }

    /** What is known of one message; the lists hold the newest first. */
    record Known(
            Optional<RecordMetadata> receipt,
            List<Map<String, Object>> processed,
            List<Map<String, Object>> attempts,
            List<Map<String, Object>> deadLetters) {

        boolean nothing() {
            return receipt.isEmpty() && processed.isEmpty() && attempts.isEmpty() && deadLetters.isEmpty();
        }

        /** Of a row that tells where it was published, if there is one. */
        Map<String, Object> any() {
            return !processed.isEmpty()
                    ? processed.get(0)
                    : !deadLetters.isEmpty() ? deadLetters.get(0) : attempts.get(0);
        }

        /** The last thing that is known to have happened to it. */
        String state() {
            if (!processed.isEmpty()) {
                return "processed";
            }
            if (!deadLetters.isEmpty()) {
                String state = (String) deadLetters.get(0).get("state");
                return state.equals("open") ? "dead-lettered" : state;
            }
            if (attempts.isEmpty()) {
                return "accepted";
            }
            return attempts.get(0).get("dueAt") == null ? "dead-lettered" : "retrying";
        }
    }

    private static List<Map<String, Object>> rows(Message message, String header) {
        return Rows.of(message.getHeader(header));
    }

    private static Problem unknown() {
        return Problem.notFound(
                "No message of that id is known: it was never accepted, or it waits for its consumer and another"
                        + " instance accepted it, or what was kept of it has been deleted.");
    }
}
