package dev.caravan.capability.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageOwner;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.publish.RecentReceipts;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.time.Instant;
import java.util.LinkedHashMap;
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
 * The status of a message, from existing data: the rows of its MessageID, failed attempts and dead letters, the receipts of
 * this process, or else its record in Kafka. {@code unknown} lists the facts that none of them contains.
 *
 * <p>With authentication on, a caller without the role for {@link Roles#FAILURES} sees neither the reasons of failures nor
 * the operators' actions.
 */
public final class MessageStatus {

    private static final String MESSAGE_ID = "messageId";
    /** The header with the candidate full ids. */
    private static final String IDS = "ids";

    /** The header with the full id that matched. */
    private static final String ID = "fullId";

    private static final String PROCESSED = "processed";
    private static final String ATTEMPTS = "attempts";
    private static final String DEAD_LETTERS = "deadLetters";

    /** The property that holds the {@link KnownRecord}; absent while nothing is known. */
    private static final String KNOWN = "CaravanMessage";

    /** The property with the records that a search in Kafka found, by MessageID. */
    static final String RECORDS = "CaravanMessageRecords";

    private MessageStatus() {}

    /**
     * Sets the candidate MessageIDs and consumers for the queries. A caller can name its own messages. A caller that
     * may see failures can also name any message by its full id, {@code <id>@<caller>}.
     */
    public static final class ReadMessageId extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            message.setHeader(
                    "consumers",
                    bean(Topics.class).consumers().all().stream()
                            .map(TopicConsumer::name)
                            .distinct()
                            .toList());
            String given = message.getHeader(MESSAGE_ID, String.class);
            if (given.indexOf('\0') >= 0) {
                throw unknown();
            }
            String own = MessageOwner.full(exchange, given);
            message.setHeader(
                    IDS, own.equals(given) || !mayKnowFailures(exchange) ? List.of(own) : List.of(own, given));
        }
    }

    /** Collects the data found so far, if any. */
    public static final class StatusRows extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<?, ?> searched = exchange.getProperty(RECORDS, Map.of(), Map.class);
            for (String id : ids(message)) {
                KnownRecord knownRecord = new KnownRecord(
                        bean(RecentReceipts.class).find(id),
                        Optional.ofNullable((RecordMetadata) searched.get(id)),
                        rows(message, PROCESSED, id),
                        rows(message, ATTEMPTS, id),
                        rows(message, DEAD_LETTERS, id));
                if (!knownRecord.isUnknown()) {
                    exchange.setProperty(KNOWN, knownRecord);
                    message.setHeader(ID, id);
                    return;
                }
            }
        }
    }

    /** Sets the recipient of a notification from the key of its record. 404 if nothing is known. */
    public static final class Recipient extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            KnownRecord knownRecord = exchange.getProperty(KNOWN, KnownRecord.class);
            if (knownRecord == null) {
                throw unknown();
            }
            Topics topics = bean(Topics.class);
            message.removeHeader("recipient");
            knownRecord.processed().stream()
                    .filter(row -> topics.findCapability((String) row.get("topic"))
                            .filter("notifications"::equals)
                            .isPresent())
                    .map(row -> (String) row.get("key"))
                    .filter(key -> key != null && key.matches("\\d{1,18}"))
                    .findFirst()
                    .ifPresent(key -> message.setHeader("recipient", Long.parseLong(key)));
        }
    }

    public static final class StatusResponse extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            String messageId = message.getHeader(MESSAGE_ID, String.class);
            KnownRecord knownRecord = exchange.getProperty(KNOWN, KnownRecord.class);
            ObjectNode answer = Json.MAPPER.createObjectNode().put(MESSAGE_ID, messageId);
            answer.put("state", knownRecord.state());
            Set<String> unknown = new LinkedHashSet<>();
            accepted(answer.putObject("accepted"), knownRecord, unknown);
            if (mayKnowFailures(exchange)) {
                answer.set(ATTEMPTS, oldestFirst(knownRecord.attempts()));
            } else {
                answer.put(ATTEMPTS, knownRecord.attempts().size());
            }
            if (knownRecord.state().equals("retrying")) {
                Map<String, Object> last = knownRecord.unresolvedAttempts().get(0);
                answer.putObject("retry")
                        .put("topic", (String) last.get("next"))
                        .put("dueAt", Page.time(last.get("dueAt")));
            }
            if (!knownRecord.processed().isEmpty()) {
                processed(answer.putObject(PROCESSED), knownRecord.processed().get(0));
                ArrayNode consumers = answer.putArray("consumers");
                knownRecord.processed().forEach(row -> processed(consumers.insertObject(0), row));
            }
            if (!knownRecord.deadLetters().isEmpty()) {
                if (mayKnowFailures(exchange)) {
                    answer.set(DEAD_LETTERS, oldestFirst(knownRecord.deadLetters()));
                } else {
                    answer.put(DEAD_LETTERS, knownRecord.deadLetters().size());
                }
            }
            if (message.getHeader("recipient") != null) {
                List<Map<String, Object>> read = RowsResponse.of(message.getHeader("read"));
                answer.putObject("read")
                        .put("at", read.isEmpty() ? null : Page.time(read.get(0).get("at")));
            }
            if (knownRecord.state().equals("accepted")) {
                unknown.add(
                        "whether it waits for its consumer, is being processed, or was read by a consumer that keeps"
                                + " no MessageIDs");
            }
            ArrayNode unknowns = answer.putArray("unknown");
            unknown.forEach(unknowns::add);
            RowsResponse.answer(message, answer);
        }

        private static void processed(ObjectNode processed, Map<String, Object> row) {
            processed
                    .put("consumer", (String) row.get("consumer"))
                    .put("at", Page.time(row.get("processedAt")))
                    .put("by", (String) row.get("processedBy"));
        }

        private void accepted(ObjectNode accepted, KnownRecord knownRecord, Set<String> unknown) {
            if (knownRecord.receipt().isEmpty()) {
                unknown.add("which instance accepted it: another one, or one that has been restarted since");
            }
            Optional<RecordMetadata> place = knownRecord.receipt().or(knownRecord::record);
            if (place.isPresent()) {
                RecordMetadata record = place.get();
                accepted.put("at", Instant.ofEpochMilli(record.timestamp()).toString())
                        .put(
                                "by",
                                knownRecord.receipt().isPresent()
                                        ? bean(RecentReceipts.class).instance()
                                        : null)
                        .put("topic", record.topic())
                        .put("partition", record.partition())
                        .put("offset", record.hasOffset() ? record.offset() : null);
                return;
            }
            Map<String, Object> row = knownRecord.anyRow();
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
            rows.forEach(row -> items.insert(0, RowsResponse.json(row)));
            return items;
        }
    }

    /**
     * What is known about one message. The lists hold the newest row first.
     *
     * @param receipt the receipt of this process
     * @param record the record that a search in Kafka found
     */
    record KnownRecord(
            Optional<RecordMetadata> receipt,
            Optional<RecordMetadata> record,
            List<Map<String, Object>> processed,
            List<Map<String, Object>> attempts,
            List<Map<String, Object>> deadLetters) {

        boolean isUnknown() {
            return receipt.isEmpty()
                    && record.isEmpty()
                    && processed.isEmpty()
                    && attempts.isEmpty()
                    && deadLetters.isEmpty();
        }

        /** A row that tells where the message was published, if there is one. */
        Map<String, Object> anyRow() {
            return !processed.isEmpty()
                    ? processed.get(0)
                    : !deadLetters.isEmpty() ? deadLetters.get(0) : attempts.get(0);
        }

        /** The failed attempts of consumers that have not processed the message since. */
        List<Map<String, Object>> unresolvedAttempts() {
            return attempts.stream()
                    .filter(attempt -> processed.stream()
                            .noneMatch(row -> row.get("consumer").equals(attempt.get("consumer"))))
                    .toList();
        }

        /**
         * The latest known state. It is {@code processed} if at least one consumer processed the message and every
         * consumer that failed has processed it since.
         */
        String state() {
            List<Map<String, Object>> unresolved = unresolvedAttempts();
            if (!processed.isEmpty() && unresolved.isEmpty()) {
                return "processed";
            }
            if (!deadLetters.isEmpty()) {
                String state = (String) deadLetters.get(0).get("state");
                return state.equals("open") ? "dead-lettered" : state;
            }
            if (unresolved.isEmpty()) {
                return "accepted";
            }
            return unresolved.get(0).get("dueAt") == null ? "dead-lettered" : "retrying";
        }
    }

    @SuppressWarnings("unchecked")
    static List<String> ids(Message message) {
        return message.getHeader(IDS, List.class);
    }

    /** The rows of this id, without the id column. */
    private static List<Map<String, Object>> rows(Message message, String header, String id) {
        return RowsResponse.of(message.getHeader(header)).stream()
                .filter(row -> id.equals(row.get(MESSAGE_ID)))
                .map(row -> {
                    Map<String, Object> others = new LinkedHashMap<>(row);
                    others.remove(MESSAGE_ID);
                    return others;
                })
                .toList();
    }

    private static boolean mayKnowFailures(Exchange exchange) {
        return exchange.getContext()
                .getRegistry()
                .findSingleByType(Roles.class)
                .allows(exchange.getProperty(Authenticator.CALLER, Caller.class), Roles.FAILURES);
    }

    private static ProblemException unknown() {
        return ProblemException.notFound(
                "No message with this id is known. It was never accepted, or its rows and records have been deleted.");
    }
}
