package dev.caravan.platform.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Rows of a query as JSON: the names and the order of the query's columns, timestamps in RFC 3339. */
public final class RowsResponse {

    private RowsResponse() {}

    /**
     * {@code items}, and {@code next} for the next page or null. The query must select {@code fetch} rows with an
     * {@code id}.
     */
    public static final class PageOfRows implements Processor {
        @Override
        public void process(Exchange exchange) {
            answer(exchange.getMessage(), Page.of(exchange, "items", "id", RowsResponse::json));
        }
    }

    /** {@code items}: all rows. */
    public static final class ListOfRows implements Processor {
        @Override
        public void process(Exchange exchange) {
            ObjectNode all = Json.MAPPER.createObjectNode();
            all.set("items", json(of(exchange.getMessage().getBody())));
            answer(exchange.getMessage(), all);
        }
    }

    /** A single row as an object. */
    public static final class SingleRow implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            answer(message, json(of(message.getBody(Map.class))));
        }
    }

    public static void answer(Message reply, ObjectNode body) {
        reply.removeHeaders("*", Exchange.HTTP_RESPONSE_CODE);
        reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
        reply.setHeader("Cache-Control", "no-store");
        reply.setBody(Json.bytes(body));
    }

    /** Casts a query's list of rows; null is an empty list. */
    @SuppressWarnings("unchecked")
    public static List<Map<String, Object>> of(Object list) {
        return list == null ? List.of() : (List<Map<String, Object>>) list;
    }

    /** Casts a query's single row. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> of(Map<?, ?> row) {
        return (Map<String, Object>) row;
    }

    public static ArrayNode json(List<Map<String, Object>> rows) {
        ArrayNode items = Json.MAPPER.createArrayNode();
        rows.stream().map(RowsResponse::json).forEach(items::add);
        return items;
    }

    public static ObjectNode json(Map<String, Object> row) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        row.forEach((name, value) -> {
            if (value instanceof Timestamp || value instanceof OffsetDateTime) {
                json.put(name, Page.time(value));
            } else {
                json.putPOJO(name, value);
            }
        });
        return json;
    }
}
