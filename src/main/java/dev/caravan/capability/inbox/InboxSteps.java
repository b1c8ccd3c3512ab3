package dev.caravan.capability.inbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.security.Roles;
import dev.caravan.platform.users.Users;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Reads requests for an inbox and writes the responses: the original form, or a page if the client asks for one. */
public final class InboxSteps {

    private static final String PAGED = "CaravanPaged";

    /** Maximum notifications for a client that does not page. A {@code Link} header leads to the rest. */
    private static final long MAX_UNPAGED = 1000;

    private InboxSteps() {}

    /**
     * Checks the user id in the path: 400 if it is not an integer, 404 for an unknown user, 403 for another user's
     * inbox. Sets {@code id} to 0 if the path has none.
     */
    public static final class RequireOwner extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            long userId = integer(message.getHeader("userID", String.class), "userID");
            bean(Roles.class).requireUser(exchange, userId);
            bean(Users.class).get(userId);
            message.setHeader("userID", userId);
            message.setHeader("id", integer(message.getHeader("id", "0", String.class), "id"));
        }

        private static long integer(String text, String name) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw ProblemException.invalid(
                        List.of(new ProblemException.Violation("/" + name, "must be an integer")));
            }
        }
    }

    public static final class ReadPageRequest implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            boolean paged = message.getHeader("limit") != null
                    || message.getHeader("after") != null
                    || message.getHeader("unread") != null;
            exchange.setProperty(PAGED, paged);
            Page.read(message, 0);
            if (!paged) {
                message.setHeader("fetch", MAX_UNPAGED + 1);
            }
            message.setHeader("unread", flag(message.getHeader("unread", "false", String.class)));
        }
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw ProblemException.invalid(
                        List.of(new ProblemException.Violation("/unread", "must be true or false")));
        };
    }

    public static final class InboxResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            boolean paged = exchange.getProperty(PAGED, Boolean.class);
            Message message = exchange.getMessage();
            Object userId = message.getHeader("userID");
            ObjectNode page = Page.of(exchange, "notifications", "id", row -> json(row, userId, paged));
            if (paged) {
                page.set("unread", Json.MAPPER.valueToTree(message.getHeader("unreadTotal", 0L, Long.class)));
            } else {
                var next = page.remove("next");
                if (!next.isNull()) {
                    message.setHeader("Link", "</notifications/" + userId + "?after=" + next + ">; rel=\"next\"");
                }
                if (page.get("notifications").isEmpty()) {
                    page = Json.MAPPER
                            .createObjectNode()
                            .put("message", "No notifications found for user")
                            .set("notifications", page.get("notifications"));
                }
            }
            message.setHeader(Exchange.CONTENT_TYPE, "application/json");
            message.setBody(Json.bytes(page));
        }
    }

    /** A notification as JSON. A page has more members than the original form. */
    static ObjectNode json(Map<String, Object> row, Object userId, boolean paged) {
        ObjectNode item = Json.MAPPER.createObjectNode();
        item.putObject("from").put("id", number(row.get("fromId"))).put("name", (String) row.get("fromName"));
        item.putObject("to").put("id", number(userId)).put("name", (String) row.get("toName"));
        item.put("message", (String) row.get("message"));
        if (paged) {
            item.put("id", number(row.get("id")));
            item.put("createdAt", Page.time(row.get("createdAt")));
            item.put("readAt", Page.time(row.get("readAt")));
        }
        return item;
    }

    static long number(Object value) {
        return ((Number) value).longValue();
    }
}
