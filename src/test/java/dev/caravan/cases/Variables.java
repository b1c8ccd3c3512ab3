package dev.caravan.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The variables of a case: <code>${name}</code>; <code>${10001 x}</code> repeats the text. */
final class Variables {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(?:(\\d+) ([^}]*)|(\\w+))}");

    private final Map<String, String> values =
            new HashMap<>(Map.of("id", UUID.randomUUID().toString()));

    void put(String name, String value) {
        values.put(name, value);
    }

    String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("${" + name + "} has no value here");
        }
        return value;
    }

    String in(String text) {
        return REFERENCE
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(3) == null
                                ? found.group(2).repeat(Integer.parseInt(found.group(1)))
                                : get(found.group(3))));
    }

    JsonNode in(JsonNode json) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (json.isTextual()) {
            return nodes.textNode(in(json.textValue()));
        }
        if (json.isArray()) {
            ArrayNode array = nodes.arrayNode();
            json.forEach(item -> array.add(in(item)));
            return array;
        }
        if (json.isObject()) {
            ObjectNode object = nodes.objectNode();
            json.properties().forEach(member -> object.set(member.getKey(), in(member.getValue())));
            return object;
        }
        return json;
    }
}
