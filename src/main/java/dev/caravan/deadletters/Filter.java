package dev.caravan.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import dev.caravan.edge.Problem.Violation;
import dev.caravan.edge.Schemas;
import dev.caravan.http.Page;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Which dead letters are meant: as named parameters of the SQL of the property {@code dead.letter.where}. */
public final class Filter {

    private static final String ASKED = "asked";
    private static final String POSITION = "position";
    /** Beyond these databases differ in what they know. */
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");
    private static final List<String> STATES = List.of("open", "replaying", "replayed", "discarded");

    private Filter() {}

    /** From the query of a request for a page, newest first. */
    public static final class OfPage implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            List<Violation> wrong = new ArrayList<>();
            write(message, name -> message.getHeader(name, String.class), wrong);
            String state = message.getHeader("state", "open", String.class);
            if (!state.equals("all") && !STATES.contains(state)) {
                wrong.add(new Violation("/state", "must be all or one of " + String.join(", ", STATES)));
            }
            message.setHeader("state", state);
            if (!wrong.isEmpty()) {
                throw Problem.invalid(wrong);
            }
            Page.read(message, Long.MAX_VALUE);
        }
    }

    /** From the body of a request to replay many: only what is open can be. */
    public static final class OfReplay extends InContext implements Processor {

        /** The property that says how long to wait before each, in milliseconds. */
        static final String PAUSE = "pauseMillis";

        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            JsonNode body = Json.ofBody(message);
            JsonNode asked = body.isMissingNode() ? Json.MAPPER.createObjectNode() : body;
            bean(Schemas.class).check("dead-letters-replay", asked, 400);
            List<Violation> wrong = new ArrayList<>();
            message.removeHeaders("*");
            write(message, name -> asked.path(name).asText(null), wrong);
            if (!wrong.isEmpty()) {
                throw Problem.invalid(wrong);
            }
            message.setHeader("state", "open");
            message.setHeader("wanted", asked.path("limit").asInt(1000));
            message.setHeader("filter", new String(Json.bytes(asked), StandardCharsets.UTF_8));
            exchange.setProperty(Claim.REPLAY, MessageId.create());
            exchange.setProperty(POSITION, 0L);
            exchange.setProperty("dryRun", asked.path("dryRun").asBoolean());
            exchange.setProperty(PAUSE, 1000 / asked.path("ratePerSecond").asInt(100));
            message.setBody(null);
        }
    }

    /** Before a replay of many: what it asks for is kept, for each of its messages has headers of its own. */
    public static final class Kept implements Processor {
        @Override
        public void process(Exchange exchange) {
            exchange.setProperty(ASKED, new HashMap<>(exchange.getMessage().getHeaders()));
        }
    }

    /** Before each message of it: what it asks for. */
    public static final class Again implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            message.removeHeaders("*");
            message.getHeaders().putAll(exchange.getProperty(ASKED, Map.class));
            message.setBody(null);
        }
    }

    private static void write(Message message, Function<String, String> given, List<Violation> wrong) {
        Map<String, String> texts = Stream.of("topic", "reason", "exception", "key", "text", "fingerprint")
                .collect(Collectors.toMap(name -> name, name -> text(name, given, wrong)));
        message.setHeader("topic", texts.get("topic"));
        message.setHeader("key", texts.get("key"));
        message.setHeader("fingerprint", texts.get("fingerprint"));
        message.setHeader("reason", like(texts.get("reason")));
        message.setHeader("exception", like(texts.get("exception")));
        message.setHeader("text", like(texts.get("text")));
        message.setHeader("since", time("since", given, new Timestamp(0), wrong));
        message.setHeader("until", time("until", given, Timestamp.from(LAST), wrong));
    }

    private static String text(String name, Function<String, String> given, List<Violation> wrong) {
        String text = given.apply(name);
        if (text != null && text.indexOf('\0') >= 0) {
            wrong.add(new Violation("/" + name, "must not hold a NUL"));
        }
        return text == null ? "" : text;
    }

    /** A pattern of SQL for "holds it, in whatever case". */
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
            // Nothing has died before, or will later.
            return Timestamp.from(time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time);
        } catch (DateTimeParseException e) {
            wrong.add(new Violation("/" + name, "must be a time such as 2026-01-02T03:04:05Z"));
            return absent;
        }
    }
}
