package dev.caravan.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
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
 * Requests that are nearly right, for every operation of the OpenAPI document of a program, and what is wrong with its answers: a 5xx, none at all, or
 * one that takes longer than {@value #LONGEST_MILLIS} ms. They are written to the socket as they are, for a client would mend them.
 */
public final class Fuzz {

    static final int LONGEST_MILLIS = 5_000;

    /** What a good body of an operation looks like; the others are called without one. */
    private static final Map<String, String> BODIES = Map.of(
            "/api/v1/comments", "{\"text\":\"a comment\"}",
            "/order",
                    "{\"id\":\"fuzz-1\",\"user_id\":\"7\",\"total\":149.99,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}",
            "/send", "{\"fromID\":1,\"toID\":2,\"message\":\"hello\"}",
            "/api/v1/events",
                    "{\"topic\":\"events\",\"key\":\"k\",\"value\":{\"a\":[1,true,null]},\"headers\":{\"x-a\":\"b\"}}",
            "/api/v1/dead-letters/replay", "{\"topic\":\"none\",\"limit\":1,\"ratePerSecond\":10,\"dryRun\":true}",
            "/api/v1/dead-letters/{id}/replay", "{\"value\":{\"text\":\"x\"},\"headers\":{\"x-a\":\"b\"}}");

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

    /** Of one request and what was wrong with its answer. */
    public record Wrong(String what, String request) {
        @Override
        public String toString() {
            return what + ": " + request;
        }
    }

    private record Operation(String method, String path) {}

    private final String host;
    private final int port;
    private final List<Operation> operations = new ArrayList<>();
    private final Random random;
    private final Mutation mutation;
    private final Map<Integer, Integer> statuses = new TreeMap<>();

    /** @param seed of everything that is chosen at random */
    public Fuzz(int port, long seed) {
        this.host = "127.0.0.1";
        this.port = port;
        this.random = new Random(seed);
        this.mutation = new Mutation(random);
        JsonNode paths =
                new Http("http://" + host + ":" + port).get("/openapi").json().path("paths");
        paths.fields().forEachRemaining(path -> path.getValue().fieldNames().forEachRemaining(method -> {
            // What stops a route is not fuzzed: it would do what it was told.
            if (!path.getKey().endsWith("/{action}")) {
                operations.add(new Operation(method.toUpperCase(java.util.Locale.ROOT), path.getKey()));
            }
        }));
    }

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        int requests = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
        long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime();
        Fuzz fuzz = new Fuzz(port, seed);
        List<Wrong> wrong = fuzz.run(requests);
        wrong.stream().limit(50).forEach(System.out::println);
        System.out.println(requests + " requests of seed " + seed + ", statuses " + fuzz.statuses() + ", "
                + wrong.size() + " wrong");
        System.exit(wrong.isEmpty() ? 0 : 1);
    }

    public List<Wrong> run(int requests) throws IOException {
        List<Wrong> wrong = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            byte[] request = request();
            long begun = System.nanoTime();
            int status = status(request);
            long millis = (System.nanoTime() - begun) / 1_000_000;
            statuses.merge(status, 1, Integer::sum);
            String shown = new String(request, 0, Math.min(request.length, 600), StandardCharsets.ISO_8859_1);
            if (status >= 500) {
                wrong.add(new Wrong("status " + status, shown));
            } else if (status < 0 || millis > LONGEST_MILLIS) {
                wrong.add(new Wrong("no answer within " + LONGEST_MILLIS + " ms", shown));
            }
        }
        return wrong;
    }

    /** Status → how often it was answered; 0 is a connection that was closed without an answer. */
    public Map<Integer, Integer> statuses() {
        return statuses;
    }

    private byte[] request() {
        Operation operation = mutation.any(operations);
        String method = mutation.oneIn(12) ? mutation.any(METHODS) : operation.method();
        String path = operation
                .path()
                .replace("{userID}", Integer.toString(1 + random.nextInt(5)))
                .replaceAll("\\{[^}]+}", Integer.toString(random.nextInt(20)));
        String good = BODIES.getOrDefault(operation.path(), "");
        byte[] body = mutation.body(good.getBytes(StandardCharsets.UTF_8));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", host);
        headers.put("Connection", "close");
        if (!good.isEmpty() || mutation.oneIn(5)) {
            headers.put("Content-Type", mutation.oneIn(6) ? mutation.any(TYPES) : "application/json");
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            headers.put(mutation.any(HEADERS), oneLine(mutation.any(Mutation.NAUGHTY)));
        }
        if (body.length > 0 || method.equals("POST")) {
            headers.put("Content-Length", Integer.toString(body.length));
        }
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(mutation.target(path))
                .append(" HTTP/1.1\r\n");
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

    /** @return 0 when the connection was closed without an answer, -1 when nothing came in time */
    private int status(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName(host), port)) {
            socket.setSoTimeout(2 * LONGEST_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
            } catch (IOException e) {
                // It may refuse the request before it has read all of it; its answer is there to be read.
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
