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
 * Compares JSON with what a case expects of it: every expected member must be there and alike, an array element by element
 * and of the same length. Text that begins with <code>$</code> is a placeholder, and
 * <code>{$contains: […], $lacks: […]}</code> finds its elements somewhere in an array, in that order, or nowhere.
 */
final class Likeness {

    private static final Pattern UUID_V7 =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    private final List<String> differences = new ArrayList<>();
    private final Map<String, String> captured = new HashMap<>();

    private Likeness() {}

    static Likeness of(JsonNode expected, JsonNode actual) {
        Likeness likeness = new Likeness();
        likeness.compare("", expected, actual);
        return likeness;
    }

    List<String> differences() {
        return differences;
    }

    /** What stood where the case says <code>$=name</code>. */
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
        boolean alike =
                switch (placeholder) {
                    case "$any" -> true;
                    case "$uuidv7" -> UUID_V7.matcher(actual.asText()).matches();
                    case "$time" -> isTime(actual.asText());
                    default -> capture(placeholder, actual);
                };
        if (!alike) {
            differences.add(at + " is " + actual + ", which is no " + placeholder);
        }
    }

    private boolean capture(String placeholder, JsonNode actual) {
        if (!placeholder.startsWith("$=")) {
            throw new IllegalArgumentException("There is no placeholder " + placeholder);
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
                Likeness likeness = of(expected.get(next), item);
                if (likeness.differences.isEmpty()) {
                    captured.putAll(likeness.captured);
                    next++;
                }
            }
        }
        if (next < expected.size()) {
            differences.add(at + " does not hold " + expected.get(next) + " behind what stands before it: " + actual);
        }
    }

    private void lacks(String at, JsonNode unwanted, JsonNode actual) {
        for (JsonNode each : unwanted) {
            for (JsonNode item : actual) {
                if (of(each, item).differences.isEmpty()) {
                    differences.add(at + " holds " + item);
                }
            }
        }
    }
}
