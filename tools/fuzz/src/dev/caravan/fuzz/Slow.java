package dev.caravan.fuzz;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Measures the effect of {@value #CONNECTIONS} clients that send one byte of headers or body per second on another client, which publishes
 * {@value #RATE} orders per second at fixed times: first alone, then until all slow connections have been closed.
 */
final class Slow {

    static final int CONNECTIONS = 500;
    private static final int RATE = 100;
    private static final int SECONDS = 30;

    /** The program checks its timeouts once a second on each event loop. */
    private static final int TOLERANCE_SECONDS = 3;

    private static final String HEAD =
            "POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n";

    private record Measured(List<Double> millis, int failures) {

        double at(double part) {
            List<Double> sorted = millis.stream().sorted().toList();
            return sorted.get(Math.min(sorted.size() - 1, (int) (part * sorted.size())));
        }
    }

    private final int port;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int order;

    private Slow(int port) {
        this.port = port;
    }

    /** @return the exit code: 1 if a slow connection stayed open, or a request of the other client failed */
    static int run(int port) throws Exception {
        String set = System.getenv().getOrDefault("HTTP_READ_TIMEOUT", "30s");
        int timeout = Integer.parseInt(set.replaceFirst("s$", ""));
        Slow slow = new Slow(port);
        slow.measure(within(SECONDS / 3));
        Measured before = slow.measure(within(SECONDS));
        AtomicBoolean open = new AtomicBoolean(true);
        double[] closed = new double[CONNECTIONS];
        Thread dripping = new Thread(() -> slow.drip(closed, timeout + 3 * TOLERANCE_SECONDS, open), "slow");
        dripping.start();
        Measured during = slow.measure(open::get);
        dripping.join();
        long stayed = Arrays.stream(closed)
                .filter(seconds -> seconds == 0 || seconds > timeout + TOLERANCE_SECONDS)
                .count();
        System.out.printf(
                Locale.ROOT,
                "alone: p50 %.1f ms, p99 %.1f ms of %d; beside %d slow connections: p50 %.1f ms, p99 %.1f ms of %d; p99 ratio %.2f%n",
                before.at(0.5),
                before.at(0.99),
                before.millis().size(),
                CONNECTIONS,
                during.at(0.5),
                during.at(0.99),
                during.millis().size(),
                during.at(0.99) / before.at(0.99));
        System.out.printf(
                Locale.ROOT,
                "slow connections closed after %.1f to %.1f s (HTTP_READ_TIMEOUT %s), %d not in time; failures of the other client: %d%n",
                Arrays.stream(closed).min().orElse(0),
                Arrays.stream(closed).max().orElse(0),
                set,
                stayed,
                before.failures() + during.failures());
        return stayed == 0 && before.failures() + during.failures() == 0 ? 0 : 1;
    }

    private static BooleanSupplier within(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        return () -> System.nanoTime() < end;
    }

    private Measured measure(BooleanSupplier on) throws InterruptedException {
        List<Double> millis = new ArrayList<>();
        int failures = 0;
        long due = System.nanoTime();
        while (on.getAsBoolean()) {
            long wait = due - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
            failures += publish() ? 0 : 1;
            millis.add((System.nanoTime() - due) / 1e6);
            due += TimeUnit.SECONDS.toNanos(1) / RATE;
        }
        return new Measured(millis, failures);
    }

    private boolean publish() throws InterruptedException {
        String body = "{\"id\":\"slow-" + order++ % 1000
                + "\",\"user_id\":\"7\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/order"))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 202;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends one byte per second to each open connection, half of them in the headers, half in the body. */
    private void drip(double[] closed, int seconds, AtomicBoolean open) {
        SocketChannel[] channels = new SocketChannel[CONNECTIONS];
        long[] opened = new long[CONNECTIONS];
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                channels[i] = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
                channels[i].write(bytes(i % 2 == 0 ? HEAD + "X-Slow: " : HEAD + "\r\n{\"id\":\""));
                channels[i].configureBlocking(false);
                opened[i] = System.nanoTime();
            }
            for (int second = 0; second < seconds; second++) {
                TimeUnit.SECONDS.sleep(1);
                for (int i = 0; i < CONNECTIONS; i++) {
                    if (closed[i] == 0 && isClosed(channels[i])) {
                        closed[i] = (System.nanoTime() - opened[i]) / 1e9;
                    }
                }
                if (Arrays.stream(closed).allMatch(each -> each > 0)) {
                    return;
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.set(false);
            for (SocketChannel channel : channels) {
                close(channel);
            }
        }
    }

    /** Sends a byte, and reads the end of the connection or the 408 before it. */
    private static boolean isClosed(SocketChannel channel) {
        try {
            channel.write(bytes("x"));
            return channel.read(ByteBuffer.allocate(1024)) != 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static void close(SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // Closed either way.
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
