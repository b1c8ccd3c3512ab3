package dev.caravan.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.support.ApiDescription;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** Generates values that match a schema, often at its limits, and values with a single mistake. */
final class Values {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int LONGEST = 10_001;
    private static final List<String> LETTERS = List.of("x", "ñ", "漢", "😀", " ", "\"", "\\", "\u202E", "%", "<");
    private static final List<String> TIMES = List.of(
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.123456789Z",
            "2024-02-29T23:59:59+05:30",
            "1970-01-01T00:00:00-12:00",
            "9999-12-31T23:59:59Z");

    private final ApiDescription described;
    private final Random random;
    private final Mutation mutation;

    Values(ApiDescription described, Random random, Mutation mutation) {
        this.described = described;
        this.random = random;
        this.mutation = mutation;
    }

    JsonNode valid(JsonNode declared) {
        JsonNode schema = described.resolved(declared);
        if (schema.has("const")) {
            return schema.get("const");
        }
        for (String choice : new String[] {"enum", "anyOf"}) {
            if (schema.has(choice)) {
                JsonNode chosen =
                        schema.get(choice).get(random.nextInt(schema.get(choice).size()));
                return choice.equals("enum") ? chosen : valid(chosen);
            }
        }
        return switch (schema.path("type").asText()) {
            case "string" -> JSON.textNode(text(schema));
            case "integer" -> JSON.numberNode(integer(schema));
            case "number" -> number(schema);
            case "boolean" -> JSON.booleanNode(random.nextBoolean());
            case "array" -> array(schema);
            case "object" -> object(schema);
            default -> anything();
        };
    }

    private String text(JsonNode schema) {
        if (schema.path("format").asText().equals("date-time")) {
            return mutation.any(TIMES);
        }
        int min = schema.path("minLength").asInt(0);
        int max = Math.max(min, Math.min(schema.path("maxLength").asInt(300), LONGEST));
        String letter = mutation.any(LETTERS);
        int length = mutation.oneIn(20) ? max : min + random.nextInt(Math.min(max - min, 20) + 1);
        for (String text : List.of(letter.repeat(length), "x".repeat(Math.max(1, length)))) {
            // JSON Schema counts code points, String.length() does not.
            if (isValid(schema, text)) {
                return text;
            }
        }
        return Integer.toHexString(random.nextInt());
    }

    private boolean isValid(JsonNode schema, String text) {
        return Pattern.compile(schema.path("pattern").asText("")).matcher(text).find()
                && described.violations(schema, JSON.textNode(text)).isEmpty();
    }

    private long integer(JsonNode schema) {
        long min = schema.path("minimum").asLong(Long.MIN_VALUE);
        long max = schema.path("maximum").asLong(Long.MAX_VALUE);
        return switch (random.nextInt(6)) {
            case 0 -> min;
            case 1 -> max;
            default -> Math.max(min, Math.min(max, random.nextInt(20)));
        };
    }

    private JsonNode number(JsonNode schema) {
        BigDecimal min = schema.has("minimum") ? schema.get("minimum").decimalValue() : BigDecimal.valueOf(-1_000_000);
        BigDecimal max = schema.has("maximum") ? schema.get("maximum").decimalValue() : BigDecimal.valueOf(1_000_000);
        return JSON.numberNode(
                switch (random.nextInt(5)) {
                    case 0 -> min;
                    case 1 -> max;
                    case 2 -> min.add(new BigDecimal("1e-30"));
                    default ->
                        min.add(BigDecimal.valueOf(random.nextInt(100_000), 2)).min(max);
                });
    }

    private JsonNode array(JsonNode schema) {
        int min = schema.path("minItems").asInt(0);
        int max = schema.path("maxItems").asInt(3);
        ArrayNode array = JSON.arrayNode();
        for (int i = mutation.oneIn(50) ? max : Math.min(max, min + random.nextInt(3)); i > 0; i--) {
            array.add(valid(schema.path("items")));
        }
        return array;
    }

    private JsonNode object(JsonNode schema) {
        ObjectNode object = JSON.objectNode();
        schema.path("properties").fields().forEachRemaining(property -> {
            if (isRequired(schema, property.getKey()) || random.nextBoolean()) {
                object.set(property.getKey(), valid(property.getValue()));
            }
        });
        if (schema.path("additionalProperties").isObject()) {
            for (int i = random.nextInt(3); i > 0; i--) {
                object.set("x-" + random.nextInt(1_000), valid(schema.get("additionalProperties")));
            }
        }
        return object;
    }

    private static boolean isRequired(JsonNode schema, String property) {
        for (JsonNode each : schema.path("required")) {
            if (each.asText().equals(property)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode anything() {
        return switch (random.nextInt(6)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.numberNode(random.nextInt());
            case 2 -> JSON.arrayNode().add(1).addNull().add("x");
            case 3 -> JSON.objectNode().put("a", 1.5).put("", mutation.any(LETTERS));
            default -> JSON.textNode(mutation.any(LETTERS).repeat(random.nextInt(20)));
        };
    }

    /** A valid value with one mistake: a missing, additional, too large or problematic value, or one of another type. */
    JsonNode invalid(JsonNode declared) {
        JsonNode schema = described.resolved(declared);
        JsonNode valid = valid(schema);
        if (valid instanceof ObjectNode object && !object.isEmpty() && !mutation.oneIn(8)) {
            List<String> names = new java.util.ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = mutation.any(names);
            switch (random.nextInt(5)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(mutation.any(Mutation.PROBLEMATIC), anything());
                case 2 -> object.set(name, anything());
                default -> object.set(name, invalid(schema.path("properties").path(name)));
            }
            return object;
        }
        if (valid instanceof ArrayNode array && !array.isEmpty() && !mutation.oneIn(8)) {
            array.set(random.nextInt(array.size()), invalid(schema.path("items")));
            return array;
        }
        return switch (random.nextInt(6)) {
            case 0 ->
                JSON.textNode(
                        "x".repeat(Math.min(LONGEST, schema.path("maxLength").asInt(300) + 1)));
            case 1 ->
                JSON.numberNode(
                        new BigDecimal(schema.path("maximum").asText("9223372036854775807")).add(BigDecimal.ONE));
            case 2 ->
                JSON.numberNode(
                        new BigDecimal(schema.path("minimum").asText("-9223372036854775808")).subtract(BigDecimal.ONE));
            case 3 -> JSON.textNode(valid.asText() + "\u0000");
            case 4 -> JSON.textNode(mutation.any(Mutation.PROBLEMATIC));
            default -> anything();
        };
    }
}
