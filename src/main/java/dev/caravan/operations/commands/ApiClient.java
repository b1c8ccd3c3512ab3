package dev.caravan.operations.commands;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Calls the program that the options name. A call times out after {@value #TIMEOUT_SECONDS} s. */
final class ApiClient {

    private static final int TIMEOUT_SECONDS = 35;

    /** @param messageId the header {@code Message-ID}, if present */
    record Reply(int status, JsonNode json, Optional<String> messageId) {}

    /** @param id null if the event has none */
    record Event(String name, String id, JsonNode data) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, String> environment;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "URL of the program (default: CARAVAN_URL, else 127.0.0.1 with HTTP_PORT or 8080).")
    private String url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "Token, if authentication is enabled. Prefer CARAVAN_TOKEN, because other users can see arguments.")
    private String token;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    /** @param environment values for options that are not given */
    ApiClient(Map<String, String> environment) {
        this.environment = environment;
    }

    boolean isJson() {
        return output.isJson();
    }

    Reply get(String path) {
        return call("GET", path, null, "");
    }

    Reply postJson(String path, JsonNode body) {
        return call("POST", path, "application/json", body.toString());
    }

    Reply postForm(String path, Map<String, String> fields) {
        return call("POST", path, "application/x-www-form-urlencoded", encoded(fields));
    }

    Reply post(String path) {
        return call("POST", path, null, "");
    }

    /** {@code ?a=b&c=d}; null values are left out. */
    static String query(Map<String, String> values) {
        String encoded = encoded(values);
        return encoded.isEmpty() ? "" : "?" + encoded;
    }

    private static String encoded(Map<String, String> values) {
        return values.entrySet().stream()
                .filter(each -> each.getValue() != null)
                .map(each -> each.getKey() + "=" + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    /** Encodes a value for a query or a path segment. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Reply call(String method, String path, String type, String body) {
        HttpRequest.Builder request = request(path, "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        HttpResponse<String> response = send(request, BodyHandlers.ofString());
        JsonNode answer = json(response.body());
        requireSuccess(response.statusCode(), answer);
        return new Reply(response.statusCode(), answer, response.headers().firstValue("Message-ID"));
    }

    /**
     * Reads a stream of events until it ends or the listener returns false.
     *
     * @param lastId id of the event after which it continues, or null
     */
    void stream(String path, String lastId, Predicate<Event> listener) {
        HttpRequest.Builder request = request(path, "text/event-stream");
        if (lastId != null) {
            request.header("Last-Event-ID", lastId);
        }
        HttpResponse<Stream<String>> response = send(request, BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() >= 300) {
                requireSuccess(response.statusCode(), json(lines.collect(Collectors.joining())));
            }
            Map<String, String> fields = new HashMap<>();
            for (String line : (Iterable<String>) lines::iterator) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    fields.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                } else if (line.isEmpty() && fields.containsKey("data")) {
                    Event event = new Event(fields.get("event"), fields.get("id"), json(fields.get("data")));
                    fields.clear();
                    if (!listener.test(event)) {
                        return;
                    }
                }
            }
        } catch (UncheckedIOException e) {
            throw new CallFailedException(0, base() + " has closed the connection");
        }
    }

    private HttpRequest.Builder request(String path, String accepted) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(TIMEOUT_SECONDS))
                .header("Accept", accepted);
        String given = token != null ? token : environment.get("CARAVAN_TOKEN");
        if (given != null && !given.isBlank()) {
            request.header("Authorization", "Bearer " + given.strip());
        }
        return request;
    }

    private static void requireSuccess(int status, JsonNode answer) {
        if (status >= 300) {
            throw new CallFailedException(status, message(status, answer));
        }
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
        try {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(TIMEOUT_SECONDS))
                    .build()
                    .send(request.build(), body);
        } catch (IOException e) {
            throw new CallFailedException(
                    0, base() + " does not answer" + (e.getMessage() == null ? "" : ": " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallFailedException(0, "interrupted");
        }
    }

    private URI uri(String path) {
        try {
            URI uri = URI.create(base() + path);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Reported below.
        }
        throw new CallFailedException(0, base() + " is not the URL of a program, such as http://127.0.0.1:8080");
    }

    private String base() {
        String given = url != null ? url : environment.get("CARAVAN_URL");
        if (given != null && !given.isBlank()) {
            return given.strip().replaceAll("/+$", "");
        }
        String port = environment.get("HTTP_PORT");
        return "http://127.0.0.1:" + (port == null || port.isBlank() ? "8080" : port.strip());
    }

    private static JsonNode json(String body) {
        try {
            return body.isBlank() ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** The problem's detail, and a line for each invalid field. */
    private static String message(int status, JsonNode problem) {
        if (status == 401) {
            return "the program requires a token: set CARAVAN_TOKEN (401)";
        }
        StringBuilder message = new StringBuilder(problem.path("detail").asText("the program answered"));
        message.append(" (").append(status).append(')');
        problem.path("errors").forEach(each -> message.append("\n  ")
                .append(each.path("pointer").asText())
                .append(' ')
                .append(each.path("detail").asText()));
        return message.toString();
    }
}
