package dev.caravan.cases;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A request, the expected answer and records, and later requests, which are cases without a name.
 *
 * <p>Unknown members are errors, so a misspelt expectation does not pass. {@link Variables} defines {@code ${…}}, {@link JsonComparison}
 * defines {@code $…}.
 *
 * @param request with {@code json}, {@code form} or a literal {@code body}; {@code method} is GET by default
 * @param expect a header that is null must be absent; {@code not} contains JSON Pointers that must be absent
 * @param record the expected record in {@code topic} with the answer's Message-ID, or another {@code messageId}; its value is exact text,
 *     or JSON
 * @param noRecord a topic that must have no record with the MessageID <code>${id}</code>, which a request header contains
 */
record Case(
        String name,
        Request request,
        Expected expect,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Record> record,
        String noRecord,
        List<Case> then) {

    private static final Path FOLDER = Path.of("src/test/resources/cases");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    Case {
        record = record == null ? List.of() : record;
        then = then == null ? List.of() : then;
    }

    record Request(
            String method,
            String path,
            Map<String, String> headers,
            JsonNode json,
            Map<String, String> form,
            String body) {

        Request {
            method = method == null ? "GET" : method;
            headers = headers == null ? Map.of() : headers;
        }

        /** Only safe requests are repeated until their expectation is met. */
        boolean isRepeatable() {
            return method.equals("GET");
        }

        String payload(Variables variables) {
            if (json != null) {
                return write(variables.in(json));
            }
            if (form != null) {
                return form.entrySet().stream()
                        .map(field -> encoded(field.getKey()) + "=" + encoded(variables.in(field.getValue())))
                        .collect(Collectors.joining("&"));
            }
            return body == null ? null : variables.in(body);
        }

        Map<String, String> headers(Variables variables) {
            Map<String, String> all = new LinkedHashMap<>();
            if (json != null) {
                all.put("Content-Type", "application/json");
            } else if (form != null) {
                all.put("Content-Type", "application/x-www-form-urlencoded");
            }
            headers.forEach((name, value) -> all.put(name, variables.in(value)));
            return all;
        }
    }

    record Expected(Integer status, Map<String, JsonNode> headers, JsonNode json, String body, List<String> not) {
        Expected {
            headers = headers == null ? Map.of() : headers;
            not = not == null ? List.of() : not;
        }
    }

    record Record(String topic, String messageId, JsonNode key, JsonNode value, Map<String, JsonNode> headers) {
        Record {
            messageId = messageId == null ? "${messageId}" : messageId;
            headers = headers == null ? Map.of() : headers;
        }
    }

    /** File, name and case of each case in a folder. */
    static Stream<Arguments> arguments(String folder) {
        return in(folder).entrySet().stream()
                .flatMap(file -> file.getValue().stream().map(each -> Arguments.of(file.getKey(), each.name(), each)));
    }

    /** File → its cases. */
    static Map<String, List<Case>> in(String folder) {
        try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString(), Case::read, (a, b) -> a, LinkedHashMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Case> read(Path file) {
        try {
            Object cases = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
            return List.of(JSON.convertValue(cases, Case[].class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** All requests of the case, its own first. */
    Stream<Request> requests() {
        return Stream.concat(Stream.of(request), then.stream().flatMap(Case::requests));
    }

    private static String write(JsonNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
