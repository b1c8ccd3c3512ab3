package dev.caravan.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Compares JSON with the expectation of a case. All expected members must be present and match; arrays must have the same length and
 * matching elements. Text that begins with <code>$</code> is a placeholder. <code>{$contains: […], $lacks: […]}</code> matches an array
 * that contains the first elements in this order, and none of the second.
 */
final class JsonComparison {

    private static final Pattern UUID_V7 =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    private final List<String> differences = new ArrayList<>();
    private final Map<String, String> captured = new HashMap<>();

    private JsonComparison() {}

    static JsonComparison of(JsonNode expected, JsonNode actual) {
        JsonComparison comparison = new JsonComparison();
        comparison.compare("", expected, actual);
        return comparison;
    }

    List<String> differences() {
        return differences;
    }

    /** The actual values of <code>$=name</code>. */
    Map<String, String> captured() {
        return captured;
    }

    private void compare(String at, JsonNode expected, JsonNode actual) {
        if (actual.isMissingNode()) {
            differences.add(at + " is missing");
        } else if (expected.isTextual() && expected.textValue().startsWith("$")) {
            placeholder(at, expected.textValue(), actual);
        } else if (expected.isObject() && (expected.has("$contains") || expected.has("$lacks"))) {
            contains(at, expected.path("$contains"), actual);
            lacks(at, expected.path("$lacks"), actual);
        } else if (expected.isObject() && actual.isObject()) {
            expected.properties()
                    .forEach(member ->
                            compare(at + "/" + member.getKey(), member.getValue(), actual.path(member.getKey())));
        } else if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(at + "/" + i, expected.get(i), actual.get(i));
            }
        } else if (!same(expected, actual)) {
            differences.add(at + " is " + actual + ", not " + expected);
        }
    }

    private static boolean same(JsonNode expected, JsonNode actual) {
        return expected.isNumber() && actual.isNumber()
                ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
                : expected.equals(actual);
    }

    private void placeholder(String at, String placeholder, JsonNode actual) {
        boolean matches =
                switch (placeholder) {
                    case "$any" -> true;
                    case "$uuidv7" -> UUID_V7.matcher(actual.asText()).matches();
                    case "$time" -> isTime(actual.asText());
                    default -> capture(placeholder, actual);
                };
        if (!matches) {
            differences.add(at + " is " + actual + ", which does not match " + placeholder);
        }
    }

    private boolean capture(String placeholder, JsonNode actual) {
        if (!placeholder.startsWith("$=")) {
            throw new IllegalArgumentException("unknown placeholder " + placeholder);
        }
        captured.put(placeholder.substring(2), actual.asText());
        return true;
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private void contains(String at, JsonNode expected, JsonNode actual) {
        int next = 0;
        for (JsonNode item : actual) {
            if (next < expected.size()) {
                JsonComparison comparison = of(expected.get(next), item);
                if (comparison.differences.isEmpty()) {
                    captured.putAll(comparison.captured);
                    next++;
                }
            }
        }
        if (next < expected.size()) {
            differences.add(
                    at + " does not contain " + expected.get(next) + " after the elements before it: " + actual);
        }
    }

    private void lacks(String at, JsonNode unwanted, JsonNode actual) {
        for (JsonNode each : unwanted) {
            for (JsonNode item : actual) {
                if (of(each, item).differences.isEmpty()) {
                    differences.add(at + " contains " + item);
                }
            }
        }
    }
}
