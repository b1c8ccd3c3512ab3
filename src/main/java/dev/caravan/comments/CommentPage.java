package dev.caravan.comments;

import dev.caravan.edge.Json;
import dev.caravan.http.Page;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** The comments that were displayed, newest first. */
public final class CommentPage {

    private CommentPage() {}

    public static final class Asked implements Processor {
        @Override
        public void process(Exchange exchange) {
            Page.read(exchange.getMessage(), Long.MAX_VALUE);
        }
    }

    public static final class Answered implements Processor {
        @Override
        public void process(Exchange exchange) {
            var page = Page.of(exchange, "items", "id", row -> Json.MAPPER
                    .createObjectNode()
                    .put("id", ((Number) row.get("id")).longValue())
                    .put("text", (String) row.get("text"))
                    .put("createdAt", Page.time(row.get("createdAt"))));
            Message reply = exchange.getMessage();
            reply.setHeader(Exchange.CONTENT_TYPE, "application/json");
            reply.setBody(Json.bytes(page));
        }
    }
}
