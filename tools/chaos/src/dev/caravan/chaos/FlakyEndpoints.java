package dev.caravan.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receivers of webhooks, one per path. The flaky ones fail half of their requests. All store their requests and verify the signatures of
 * Standard Webhooks.
 */
final class FlakyEndpoints implements AutoCloseable {

    /** The answer to a request. */
    enum Outcome {
        OK,
        ERROR,
        BUSY,
        CLOSED,
        SILENT
    }

    record Received(String path, String webhookId, String message, Outcome outcome) {}

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String VERSION = "v1,";
    private static final String SECRET = "whsec_";

    private final Map<String, String> secrets = new ConcurrentHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Random random;
    private final long silentMillis;
    private final HttpServer server;

    /** @param silentMillis longer than the program's timeout */
    FlakyEndpoints(long seed, long silentMillis) throws IOException {
        this.random = new Random(seed);
        this.silentMillis = silentMillis;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::receive);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** Sets the secret of a path, before its first request. */
    void secret(String path, String secret) {
        secrets.put(path, secret);
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    /** Descriptions of requests with a wrong signature or content. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    Map<Outcome, Long> outcomes() {
        return received.stream().collect(Collectors.groupingBy(Received::outcome, Collectors.counting()));
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            String id = exchange.getRequestHeaders().getFirst("webhook-id");
            String timestamp = exchange.getRequestHeaders().getFirst("webhook-timestamp");
            String signatures = exchange.getRequestHeaders().getFirst("webhook-signature");
            if (!List.of(signatures.split(" ")).contains(VERSION + sign(secrets.get(path), id, timestamp, body))) {
                wrong.add("signature of " + id + " at " + path);
            }
            Outcome outcome = outcome(path);
            received.add(new Received(path, id, message(body), outcome));
            answer(exchange, outcome);
        } catch (GeneralSecurityException | RuntimeException e) {
            wrong.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Outcome outcome(String path) {
        int dice = path.startsWith("/flaky") ? random.nextInt(100) : 0;
        return dice < 50
                ? Outcome.OK
                : dice < 70 ? Outcome.ERROR : dice < 82 ? Outcome.BUSY : dice < 95 ? Outcome.CLOSED : Outcome.SILENT;
    }

    private void answer(HttpExchange exchange, Outcome outcome) throws IOException, InterruptedException {
        switch (outcome) {
            case OK -> exchange.sendResponseHeaders(204, -1);
            case ERROR -> exchange.sendResponseHeaders(500, -1);
            case BUSY -> {
                exchange.getResponseHeaders().add("Retry-After", "1");
                exchange.sendResponseHeaders(503, -1);
            }
            // Closing the exchange without an answer closes the connection.
            case CLOSED -> {}
            case SILENT -> end.await(silentMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static String message(byte[] body) throws IOException {
        JsonNode data = MAPPER.readTree(body).path("data");
        return data.path("message").asText(data.path("it").asText());
    }

    private static String sign(String secret, String id, String timestamp, byte[] body)
            throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(SECRET.length())), "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(mac.doFinal(body));
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
