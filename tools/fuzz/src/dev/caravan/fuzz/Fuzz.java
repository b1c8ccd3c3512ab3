package dev.caravan.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.ApiDescription;
import dev.caravan.support.ApiDescription.Content;
import dev.caravan.support.ApiDescription.Operation;
import dev.caravan.support.ApiDescription.Parameter;
import dev.caravan.support.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Sends valid and slightly invalid requests, generated from the program's OpenAPI document. Reports a 5xx, no answer, one that takes longer than
 * {@value #LONGEST_MILLIS} ms, a 400 to a valid request, and a 2xx to a body that violates its schema. Writes the requests to the socket, because
 * a client would correct them.
 */
public final class Fuzz {

    static final int LONGEST_MILLIS = 30_000;

    /** Methods, media types and headers that the document may not contain. */
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW");

    private static final List<String> TYPES = List.of(
            "application/json",
            "application/x-www-form-urlencoded",
            "application/cloudevents+json",
            "application/cloudevents-batch+json",
            "application/json; charset=utf-16",
            "multipart/form-data; boundary=x",
            "text/plain",
            "*/*",
            "nonsense");
    private static final List<String> HEADERS = List.of(
            "Message-ID",
            "Idempotency-Key",
            "traceparent",
            "Authorization",
            "ce-id",
            "ce-specversion",
            "ce-type",
            "Accept",
            "Expect",
            "CamelHttpMethod",
            "CamelSqlQuery",
            "kafka.OVERRIDE_TOPIC",
            "X-Forwarded-For");

    /** A request and the problem with its answer. */
    public record Wrong(String what, String request) {
        @Override
        public String toString() {
            return what + ": " + request;
        }
    }

    private enum Expected {
        ANYTHING,
        NOT_MALFORMED,
        NOT_ACCEPTED
    }

    private record Request(byte[] bytes, Expected expected) {}

    private final String host;
    private final int port;
    private final ApiDescription described;
    private final List<Operation> operations;
    private final Random random;
    private final Mutation mutation;
    private final Values values;
    private final Map<Integer, Integer> statuses = new TreeMap<>();

    /** @param seed of all random choices */
    public Fuzz(int port, long seed) {
        this.host = "127.0.0.1";
        this.port = port;
        this.random = new Random(seed);
        this.mutation = new Mutation(random);
        this.described = new ApiDescription(
                new Http("http://" + host + ":" + port).get("/openapi").json());
        this.values = new Values(described, random, mutation);
        // Not fuzzed, because they would stop routes or rewind consumers.
        this.operations = described.operations().stream()
                .filter(operation -> !operation.isStream()
                        && !operation.path().endsWith("/{action}")
                        && !operation.path().endsWith("/rewinds"))
                .toList();
    }

    public List<Wrong> run(int requests) throws IOException {
        List<Wrong> wrong = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Request request = request();
            long begun = System.nanoTime();
            int status = status(request.bytes());
            long millis = (System.nanoTime() - begun) / 1_000_000;
            statuses.merge(status, 1, Integer::sum);
            String shown =
                    new String(request.bytes(), 0, Math.min(request.bytes().length, 600), StandardCharsets.ISO_8859_1);
            if (status >= 500) {
                wrong.add(new Wrong("status " + status, shown));
            } else if (status < 0 || millis > LONGEST_MILLIS) {
                wrong.add(new Wrong("no answer within " + LONGEST_MILLIS + " ms", shown));
            } else if (status == 400 && request.expected() == Expected.NOT_MALFORMED) {
                wrong.add(new Wrong("400 to what the document allows", shown));
            } else if (status / 100 == 2 && status != 207 && request.expected() == Expected.NOT_ACCEPTED) {
                wrong.add(new Wrong(status + " to what the document does not allow", shown));
            }
        }
        return wrong;
    }

    /** Status → number of answers; 0 is a connection closed without an answer. */
    public Map<Integer, Integer> statuses() {
        return statuses;
    }

    private Request request() {
        Operation operation = mutation.any(operations);
        boolean right = mutation.oneIn(3);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", host);
        headers.put("Connection", "close");
        String path = path(operation, right);
        parameters(operation, "header", right).forEach((name, value) -> headers.put(name, oneLine(value)));
        Body body = body(operation, right);
        if (body.mediaType() != null) {
            headers.put("Content-Type", body.mediaType());
        }
        if (right) {
            return new Request(written(operation.method(), path, headers, body.bytes()), body.expected());
        }
        String method = mutation.oneIn(12) ? mutation.any(METHODS) : operation.method();
        if (mutation.oneIn(6)) {
            headers.put("Content-Type", mutation.any(TYPES));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            headers.put(mutation.any(HEADERS), oneLine(mutation.any(Mutation.PROBLEMATIC)));
        }
        boolean untouched = method.equals(operation.method())
                && body.mediaType() != null
                && body.mediaType().equals(headers.get("Content-Type"))
                && !headers.containsKey("ce-specversion");
        return new Request(
                written(method, mutation.target(path), headers, body.bytes()),
                untouched ? body.expected() : Expected.ANYTHING);
    }

    private String path(Operation operation, boolean right) {
        String path = operation.path();
        for (Parameter parameter : operation.parameters()) {
            if (parameter.in().equals("path")) {
                String value = mutation.oneIn(3)
                        ? parameter.example().asText()
                        : (right || !mutation.oneIn(4)
                                        ? valid(parameter.schema(), parameter.example())
                                        : values.invalid(parameter.schema()))
                                .asText();
                path = path.replace(
                        "{" + parameter.name() + "}", Mutation.encoded(value).replace("+", "%20"));
            }
        }
        StringBuilder query = new StringBuilder();
        parameters(operation, "query", right).forEach((name, value) -> query.append(query.isEmpty() ? '?' : '&')
                .append(name)
                .append('=')
                .append(Mutation.encoded(value)));
        return path + query;
    }

    private Map<String, String> parameters(Operation operation, String in, boolean right) {
        Map<String, String> given = new LinkedHashMap<>();
        for (Parameter parameter : operation.parameters()) {
            // The attributes of a CloudEvent are only valid together, with their own body.
            if (parameter.in().equals(in)
                    && mutation.oneIn(4)
                    && !(right && parameter.name().startsWith("ce-"))) {
                JsonNode value = right || random.nextBoolean()
                        ? valid(parameter.schema(), parameter.example())
                        : values.invalid(parameter.schema());
                given.put(parameter.name(), value.asText());
            }
        }
        return given;
    }

    /** A generated value, or the example if the generator does not support the schema. */
    private JsonNode valid(JsonNode schema, JsonNode example) {
        JsonNode made = values.valid(schema);
        return described.violations(schema, made).isEmpty() ? made : example;
    }

    private record Body(String mediaType, byte[] bytes, Expected expected) {}

    private Body body(Operation operation, boolean right) {
        List<Content> contents = operation.bodies().stream()
                .filter(content -> !content.schema().isMissingNode())
                .toList();
        if (contents.isEmpty()) {
            byte[] bytes = right ? new byte[0] : mutation.body(new byte[0]);
            return new Body(null, bytes, right ? Expected.NOT_MALFORMED : Expected.ANYTHING);
        }
        Content content = mutation.any(contents);
        JsonNode valid = mutation.oneIn(3)
                ? mutation.any(content.examples())
                : valid(content.schema(), content.examples().get(0));
        boolean form = content.mediaType().equals("application/x-www-form-urlencoded");
        if (right) {
            return new Body(content.mediaType(), bytes(valid, form), Expected.NOT_MALFORMED);
        }
        if (random.nextBoolean()) {
            return new Body(content.mediaType(), mutation.body(bytes(valid, form)), Expected.ANYTHING);
        }
        JsonNode invalid = values.invalid(content.schema());
        // CloudEvents have rules beyond their schema.
        boolean rejected = content.mediaType().equals("application/json")
                && !described.violations(content.schema(), invalid).isEmpty();
        return new Body(
                content.mediaType(), bytes(invalid, form), rejected ? Expected.NOT_ACCEPTED : Expected.ANYTHING);
    }

    private static byte[] bytes(JsonNode value, boolean form) {
        StringBuilder fields = new StringBuilder();
        if (form) {
            value.fields().forEachRemaining(field -> fields.append(fields.isEmpty() ? "" : "&")
                    .append(Mutation.encoded(field.getKey()))
                    .append('=')
                    .append(Mutation.encoded(field.getValue().asText())));
        }
        return (form ? fields.toString() : value.toString()).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] written(String method, String target, Map<String, String> headers, byte[] body) {
        if (body.length > 0 || method.equals("POST")) {
            headers.put("Content-Length", Integer.toString(body.length));
        }
        StringBuilder head =
                new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static String oneLine(String value) {
        return value.replaceAll("[\\r\\n\\x00]", "");
    }

    /** @return 0 if the connection was closed without an answer, -1 after a timeout */
    private int status(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName(host), port)) {
            socket.setSoTimeout(2 * LONGEST_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
            } catch (IOException e) {
                // The program may reject the request before it has read all of it; the answer can still be read.
            }
            byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            return answer.length < 12 ? 0 : Integer.parseInt(new String(answer, 9, 3, StandardCharsets.US_ASCII));
        } catch (SocketTimeoutException e) {
            return -1;
        } catch (java.net.SocketException e) {
            return 0;
        }
    }
}
