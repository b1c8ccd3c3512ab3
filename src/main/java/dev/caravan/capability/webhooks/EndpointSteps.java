package dev.caravan.capability.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.security.Caller;
import dev.caravan.platform.security.Roles;
import dev.caravan.platform.users.Users;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads requests for endpoints and writes the responses. Only the caller who added an endpoint, and operators, see it.
 */
public final class EndpointSteps {

    private static final String SECRET = "CaravanWebhookSecret";
    private static final int CREATED = 201;

    private EndpointSteps() {}

    /** Sets {@code owner}, and {@code all}: whether the caller sees the endpoints of every owner. */
    public static final class ReadOwner extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            read(exchange, bean(Roles.class));
        }

        private static void read(Exchange exchange, Roles roles) {
            Caller caller = exchange.getProperty(Authenticator.CALLER, Caller.class);
            exchange.getMessage().setHeader("owner", caller == null ? "" : caller.scope());
            exchange.getMessage().setHeader("all", roles.allows(caller, Roles.FAILURES));
        }
    }

    /** Answers 404 for an endpoint that does not exist or that the caller may not see. Sets {@code now}. */
    public static final class FindEndpoint extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            ReadOwner.read(exchange, bean(Roles.class));
            Message message = exchange.getMessage();
            List<String> owners = new JdbcTemplate(bean(DataSource.class))
                    .queryForList(
                            "SELECT owner FROM webhook_endpoints WHERE id = ?",
                            String.class,
                            message.getHeader("id", String.class));
            if (owners.isEmpty()
                    || !message.getHeader("all", Boolean.class)
                            && !owners.get(0).equals(message.getHeader("owner", String.class))) {
                throw ProblemException.notFound("There is no such webhook.");
            }
            message.setHeader("now", System.currentTimeMillis());
            message.setBody(null);
        }
    }

    /**
     * Checks a new endpoint. An address is checked now, a host name at each attempt, because its addresses may change.
     */
    public static final class ReadEndpoint extends ContextBean implements Processor {

        private static final long MAX_ENDPOINTS = 100;

        @Override
        public void process(Exchange exchange) {
            if (!settings("{{webhooks.enabled}}").contains("true")) {
                throw ProblemException.notFound("Webhooks are off; WEBHOOKS_ENABLED=true turns them on.");
            }
            JsonNode json = Json.ofBody(exchange.getMessage());
            bean(Schemas.class).check("webhook-endpoint", json, 400);
            ReadOwner.read(exchange, bean(Roles.class));
            Message message = exchange.getMessage();
            requireFewerThanMax(message.getHeader("owner", String.class));
            String url = json.get("url").asText();
            if (!bean(WebhookDeliveries.class).mayCall(url)) {
                throw invalid("/url", WebhookUrl.RULE + ", and not an internal address");
            }
            message.setHeader("url", url);
            message.setHeader("topics", topics(exchange, json.path("topics")));
            message.setHeader("user", json.has("topics") ? null : user(exchange, json.path("user")));
            message.setHeader("description", json.path("description").asText(null));
            message.setHeader("id", MessageId.create());
            // In milliseconds, like the timestamps of records.
            message.setHeader("time", new Timestamp(System.currentTimeMillis()));
            CreateSecret.create(exchange);
        }

        private void requireFewerThanMax(String owner) {
            Long endpoints = new JdbcTemplate(bean(DataSource.class))
                    .queryForObject("SELECT COUNT(*) FROM webhook_endpoints WHERE owner = ?", Long.class, owner);
            if (endpoints >= MAX_ENDPOINTS) {
                throw ProblemException.of(
                        403, "forbidden", "You have " + MAX_ENDPOINTS + " webhooks; delete one first.");
            }
        }

        /** Requires a role, because a topic contains the records of all users. */
        private String topics(Exchange exchange, JsonNode topics) {
            if (topics.isMissingNode()) {
                return "";
            }
            bean(Roles.class).require(exchange.getProperty(Authenticator.CALLER, Caller.class), Roles.EVERY_USER);
            List<String> known = settings("{{webhooks.topics}}");
            IntStream.range(0, topics.size())
                    .filter(i -> !known.contains(topics.get(i).asText()))
                    .findFirst()
                    .ifPresent(i -> {
                        throw invalid("/topics/" + i, "must be one of " + String.join(", ", known));
                    });
            return "," + String.join(",", texts(topics)) + ",";
        }

        private Long user(Exchange exchange, JsonNode user) {
            Caller caller = exchange.getProperty(Authenticator.CALLER, Caller.class);
            if (user.isMissingNode() && (caller == null || caller.userId() == Caller.NO_USER)) {
                throw invalid("/user", "is required without topics");
            }
            long userId =
                    user.isMissingNode() ? caller.userId() : user.canConvertToLong() ? user.asLong() : Caller.NO_USER;
            bean(Roles.class).requireUser(exchange, userId);
            bean(Users.class).get(userId);
            return userId;
        }

        private List<String> settings(String property) {
            return List.of(getCamelContext()
                    .resolvePropertyPlaceholders(property)
                    .strip()
                    .split("\\s*,\\s*"));
        }

        private static List<String> texts(JsonNode array) {
            return StreamSupport.stream(array.spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
        }

        private static ProblemException invalid(String pointer, String detail) {
            return ProblemException.invalid(List.of(new Violation(pointer, detail)));
        }
    }

    /** Sets {@code secret} to a new secret, which the response will contain. */
    public static final class CreateSecret implements Processor {
        @Override
        public void process(Exchange exchange) {
            create(exchange);
        }

        private static void create(Exchange exchange) {
            String secret = WebhookSignature.newSecret();
            exchange.setProperty(SECRET, secret);
            exchange.getMessage().setHeader("secret", secret);
            exchange.getMessage().setBody(null);
        }
    }

    /** The endpoint of a row; 201 with the secret if that is new. */
    public static final class EndpointResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            ObjectNode endpoint = json(RowsResponse.of(message.getBody(Map.class)));
            String secret = exchange.getProperty(SECRET, String.class);
            message.removeHeaders("*");
            if (secret != null) {
                endpoint.put("secret", secret);
                message.setHeader(Exchange.HTTP_RESPONSE_CODE, CREATED);
            }
            RowsResponse.answer(message, endpoint);
        }
    }

    public static final class ListResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            ObjectNode all = Json.MAPPER.createObjectNode();
            ArrayNode items = all.putArray("items");
            RowsResponse.of(exchange.getMessage().getBody()).forEach(row -> items.add(json(row)));
            RowsResponse.answer(exchange.getMessage(), all);
        }
    }

    private static ObjectNode json(Map<String, Object> row) {
        ObjectNode endpoint = RowsResponse.json(row);
        String topics = (String) row.get("topics");
        ArrayNode names = endpoint.putArray("topics");
        if (!topics.isEmpty()) {
            List.of(topics.substring(1).split(",")).forEach(names::add);
        }
        return endpoint;
    }
}
