package dev.caravan.capability.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.Page;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Filters for dead letters, as named parameters of the SQL in the property {@code dead.letter.where}. */
public final class DeadLetterFilter {

    /** Databases differ in the times that they support outside this range. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");
    private static final List<String> STATES = List.of("open", "replaying", "replayed", "discarded");

    private DeadLetterFilter() {}

    /** Reads the filter from the query of a page request, newest first. */
    public static final class PageQuery implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            List<Violation> wrong = new ArrayList<>();
            message.getHeaders().putAll(parameters(name -> message.getHeader(name, String.class), wrong));
            String state = message.getHeader("state", "open", String.class);
            if (!state.equals("all") && !STATES.contains(state)) {
                wrong.add(new Violation("/state", "must be all or one of " + String.join(", ", STATES)));
            }
            message.setHeader("state", state);
            if (!wrong.isEmpty()) {
                throw ProblemException.invalid(wrong);
            }
            Page.read(message, Long.MAX_VALUE);
        }
    }

    /** Reads the filter from the body of a bulk replay, which can only select open dead letters. */
    public static final class ReplayQuery extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            JsonNode body = Json.ofBody(message);
            JsonNode filter = body.isMissingNode() ? Json.MAPPER.createObjectNode() : body;
            bean(Schemas.class).check("dead-letters-replay", filter, 400);
            message.removeHeaders("*");
            message.getHeaders().putAll(parameters(filter));
            message.setHeader("wanted", filter.path("limit").asInt(1000));
            message.setHeader("filter", new String(Json.bytes(filter), StandardCharsets.UTF_8));
            exchange.setProperty(ReplayLease.REPLAY, MessageId.create());
            exchange.setProperty("CaravanDryRun", filter.path("dryRun").asBoolean());
            message.setBody(null);
        }
    }

    /** The filter of a bulk replay, from its JSON. */
    static Map<String, Object> parameters(JsonNode filter) {
        List<Violation> wrong = new ArrayList<>();
        Map<String, Object> parameters = parameters(name -> filter.path(name).asText(null), wrong);
        if (!wrong.isEmpty()) {
            throw ProblemException.invalid(wrong);
        }
        parameters.put("state", "open");
        return parameters;
    }

    private static Map<String, Object> parameters(Function<String, String> given, List<Violation> wrong) {
        Map<String, Object> parameters = new HashMap<>();
        for (String name : List.of("consumer", "topic", "key", "fingerprint")) {
            parameters.put(name, text(name, given, wrong));
        }
        for (String name : List.of("reason", "exception", "text")) {
            parameters.put(name, like(text(name, given, wrong)));
        }
        parameters.put("since", time("since", given, new Timestamp(0), wrong));
        parameters.put("until", time("until", given, Timestamp.from(LAST), wrong));
        return parameters;
    }

    private static String text(String name, Function<String, String> given, List<Violation> wrong) {
        String text = given.apply(name);
        if (text != null && text.indexOf('\0') >= 0) {
            wrong.add(new Violation("/" + name, "must not hold a NUL"));
        }
        return text == null ? "" : text;
    }

    /** An SQL pattern for "contains this text, ignoring case". */
    static String like(String text) {
        return "%"
                + text.toLowerCase(Locale.ROOT)
                        .replace("\\", "\\\\")
                        .replace("%", "\\%")
                        .replace("_", "\\_")
                + "%";
    }

    private static Timestamp time(
            String name, Function<String, String> given, Timestamp absent, List<Violation> wrong) {
        String text = given.apply(name);
        if (text == null) {
            return absent;
        }
        try {
            Instant time = Instant.parse(text);
            // No record failed outside this range.
            return Timestamp.from(time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time);
        } catch (DateTimeParseException e) {
            // A plus in a query string is a space.
            String hint = text.indexOf(' ') > 0 ? "; write the plus of an offset as %2B" : "";
            wrong.add(new Violation("/" + name, "must be a time such as 2026-01-02T03:04:05Z" + hint));
            return absent;
        }
    }
}
