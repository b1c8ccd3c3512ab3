package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.chaos.FlakyEndpoints.Outcome;
import dev.caravan.chaos.FlakyEndpoints.Received;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Kills the program while it delivers webhooks to endpoints that fail half of their requests. Fails unless each acknowledged message reached
 * each of its endpoints, always with the same webhook-id, and no delivery was given up.
 */
final class WebhookTrial {

    /** @param messages notifications and events together */
    record Plan(int messages, int kills) {

        /** Takes several minutes. */
        static final Plan ALL = of(50);

        /** Part of the integration tests. */
        static final Plan SLICE = new Plan(40, 2);

        static Plan of(int kills) {
            return new Plan(30 * kills, kills);
        }

        int firstOf(int phase) {
            return messages * phase / (kills + 1);
        }
    }

    private static final String USER_PATH = "/flaky-user";
    private static final String EVENTS_PATH = "/flaky-events";
    private static final String HEALTHY_PATH = "/healthy";
    private static final long TIMEOUT_MILLIS = 500;
    private static final int LANES = 4;
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final Plan plan;
    private final Path folder;

    WebhookTrial(Plan plan, Path folder) {
        this.plan = plan;
        this.folder = folder;
    }

    /** Returns a summary in one line. */
    String run() throws Exception {
        long begin = System.nanoTime();
        Random random = new Random(1);
        ExecutorService lanes = Executors.newFixedThreadPool(LANES);
        try (Testbed testbed = Testbed.separate(folder.resolve("testbed"), properties());
                FlakyEndpoints endpoints = new FlakyEndpoints(1, 2 * TIMEOUT_MILLIS)) {
            add(testbed.http(), endpoints, USER_PATH, "\"user\":2");
            add(testbed.http(), endpoints, EVENTS_PATH, "\"topics\":[\"events\"]");
            add(testbed.http(), endpoints, HEALTHY_PATH, "\"topics\":[\"notifications\",\"events\"]");

            for (int phase = 0; phase <= plan.kills(); phase++) {
                int from = plan.firstOf(phase);
                int to = plan.firstOf(phase + 1);
                CountDownLatch half = new CountDownLatch((to - from) / 2);
                List<Future<?>> sent = IntStream.range(from, to)
                        .<Future<?>>mapToObj(number -> lanes.submit(() -> send(testbed.http(), number, half)))
                        .toList();
                if (phase < plan.kills()) {
                    half.await();
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
                    testbed.program().kill();
                    testbed.startProgram();
                }
                for (Future<?> each : sent) {
                    each.get();
                }
            }
            await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(500)).until(() -> isDone(testbed));

            Set<String> expected = IntStream.range(0, plan.messages())
                    .boxed()
                    .flatMap(number -> Stream.of(HEALTHY_PATH, isEvent(number) ? EVENTS_PATH : USER_PATH)
                            .map(path -> path + " " + text(number)))
                    .collect(Collectors.toSet());
            List<Received> received = endpoints.received();
            Map<String, Long> delivered = received.stream()
                    .filter(each -> each.outcome() == Outcome.OK)
                    .collect(Collectors.groupingBy(WebhookTrial::name, TreeMap::new, Collectors.counting()));
            assertThat(endpoints.wrong()).isEmpty();
            assertThat(delivered.keySet()).as("delivered").containsExactlyInAnyOrderElementsOf(expected);
            assertThat(received.stream()
                            .collect(Collectors.groupingBy(
                                    WebhookTrial::name, Collectors.mapping(Received::webhookId, Collectors.toSet()))))
                    .allSatisfy((name, ids) -> assertThat(ids).as(name).hasSize(1));
            assertThat(received.stream().map(Received::webhookId).distinct()).hasSize(expected.size());
            assertThat(testbed.database().queryForList("SELECT state FROM webhook_endpoints", String.class))
                    .hasSize(3)
                    .containsOnly("enabled");
            return String.format(
                    Locale.ROOT,
                    "%d kills, %d acknowledged messages, %d deliveries, %d requests %s, %d delivered more than once, %.0f s:"
                            + " none lost, none given up, each with one webhook-id",
                    plan.kills(),
                    plan.messages(),
                    expected.size(),
                    received.size(),
                    new TreeMap<>(endpoints.outcomes()),
                    delivered.values().stream().filter(times -> times > 1).count(),
                    (System.nanoTime() - begin) / 1e9);
        } finally {
            lanes.shutdownNow();
        }
    }

    private static Map<String, String> properties() {
        return Map.of(
                "webhooks.enabled",
                "true",
                "webhooks.allowed.networks",
                "127.0.0.0/8",
                "webhooks.timeout",
                TIMEOUT_MILLIS + "ms",
                "webhooks.pause",
                "100ms",
                "webhooks.retry.delays",
                "100ms," + String.join(",", Collections.nCopies(19, "1s")),
                "camel.component.kafka.session-timeout-ms",
                "1000",
                "camel.component.kafka.heartbeat-interval-ms",
                "300");
    }

    private static void add(Http http, FlakyEndpoints endpoints, String path, String whose) {
        Answer answer = http.postJson("/api/v1/webhooks", "{\"url\":\"" + endpoints.url(path) + "\"," + whose + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        endpoints.secret(path, answer.json().path("secret").asText());
    }

    private static boolean isEvent(int number) {
        return number % 2 == 0;
    }

    private static String text(int number) {
        return "webhook " + number;
    }

    private static String name(Received received) {
        return received.path() + " " + received.message();
    }

    /** Repeats the request until it is acknowledged. */
    private static void send(Http http, int number, CountDownLatch sent) {
        String path = isEvent(number) ? "/api/v1/events" : "/send";
        String body = isEvent(number)
                ? "{\"value\":{\"it\":\"" + text(number) + "\"}}"
                : "{\"fromID\":1,\"toID\":2,\"message\":\"" + text(number) + "\"}";
        await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> http.send(
                                                "POST",
                                                path,
                                                body,
                                                Map.of("Content-Type", "application/json", "Message-ID", "w" + number))
                                        .status()
                                / 100
                        == 2);
        sent.countDown();
    }

    /** Whether all messages have become deliveries, and all of these have ended. */
    private boolean isDone(Testbed testbed) {
        Long processed = testbed.database()
                .queryForObject("SELECT COUNT(*) FROM processed_messages WHERE consumer = 'webhooks'", Long.class);
        return processed == plan.messages()
                && testbed.database()
                                .queryForObject(
                                        "SELECT COUNT(*) FROM webhook_deliveries WHERE due_at IS NOT NULL", Long.class)
                        == 0;
    }
}
