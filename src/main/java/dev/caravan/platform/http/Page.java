package dev.caravan.platform.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Pages by key, not by number, so that the cost of a page does not depend on its position. */
public final class Page {

    public static final int DEFAULT_LIMIT = 50;
    public static final int MAX_LIMIT = 200;

    private Page() {}

    /** For a query that returns the newest rows first. */
    public static final class Newest implements Processor {
        @Override
        public void process(Exchange exchange) {
            read(exchange.getMessage(), Long.MAX_VALUE);
        }
    }

    /**
     * Reads {@code limit} and {@code after} into headers for SQL: {@code after} as a number, and {@code fetch}, one
     * more than the limit, which shows whether there is a next page.
     *
     * @throws ProblemException 400 if one of them is not a number or out of range
     */
    public static void read(Message message, long start) {
        List<Violation> violations = new ArrayList<>();
        long limit = number(message, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT, violations);
        message.setHeader("after", number(message, "after", start, 0, Long.MAX_VALUE, violations));
        message.setHeader("fetch", limit + 1);
        if (!violations.isEmpty()) {
            throw ProblemException.invalid(violations);
        }
    }

    private static long number(
            Message message, String name, long absent, long min, long max, List<Violation> violations) {
        Object given = message.getHeader(name);
        if (given == null) {
            return absent;
        }
        try {
            long number = Long.parseLong(given.toString());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered like a number that is out of range.
        }
        violations.add(new Violation(
                "/" + name, "must be a number from " + min + (max == Long.MAX_VALUE ? "" : " to " + max)));
        return absent;
    }

    /** A timestamp of either database in RFC 3339 and UTC; null stays null. */
    public static String time(Object timestamp) {
        Instant instant = instant(timestamp);
        return instant == null ? null : instant.toString();
    }

    /** A timestamp of either database; null stays null. */
    public static Instant instant(Object timestamp) {
        if (timestamp instanceof OffsetDateTime time) {
            return time.toInstant();
        }
        return timestamp instanceof Timestamp time ? time.toInstant() : null;
    }

    /** The rows of one page as {@code member}, and {@code next}: the key of its last row, or null on the last page. */
    public static ObjectNode of(
            Exchange exchange, String member, String key, Function<Map<String, Object>, ObjectNode> shape) {
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
        long limit = exchange.getMessage().getHeader("fetch", Long.class) - 1;
        ObjectNode page = Json.MAPPER.createObjectNode();
        ArrayNode items = page.putArray(member);
        rows.stream().limit(limit).map(shape).forEach(items::add);
        if (rows.size() > limit) {
            page.set("next", Json.MAPPER.valueToTree(rows.get((int) limit - 1).get(key)));
        } else {
            page.putNull("next");
        }
        return page;
    }
}
