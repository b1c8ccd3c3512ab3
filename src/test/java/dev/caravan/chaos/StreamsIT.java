package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.EventStream;
import dev.caravan.support.EventStream.Event;
import dev.caravan.support.Http;
import dev.caravan.support.Launched;
import dev.caravan.support.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live inboxes whose clients cut their streams and come back at either of two instances, while these are killed in turn: every user gets 1 to
 * n in order, each once. With {@code -Dchaos.all=true} for 200 users and 20,000 notifications, 2,000 cuts and 20 kills.
 */
class StreamsIT {

    private static final boolean ALL = Boolean.getBoolean("chaos.all");
    private static final int USERS = ALL ? 200 : 12;
    private static final int NOTIFICATIONS = ALL ? 20_000 : 360;
    private static final int CUTS = ALL ? 2_000 : 60;
    private static final int KILLS = ALL ? 20 : 2;
    private static final int OF_A_USER = NOTIFICATIONS / USERS;
    private static final int OF_A_PHASE = NOTIFICATIONS / (KILLS + 1);
    private static final int FAILING_EVERY = 20;
    private static final int LANES = 4;
    private static final String FAILS = "fails at first";
    private static final String FAILING =
            """
                          - choice:
                              when:
                                - simple: "${body[message]} contains '%s' && ${exchangeProperty.CaravanDelivery.source.level} == 0"
                                  steps:
                                    - throwException: { exceptionType: java.lang.IllegalStateException, message: not yet }
            """
                    .formatted(FAILS);
    private static final Duration LONG = Duration.ofMinutes(ALL ? 20 : 2);

    @TempDir
    Path folder;

    private Stand stand;
    private int otherPort;
    private Launched other;

    @Test
    void everyUserGetsEachNotificationOnceAndInOrder() throws Exception {
        stand = Stand.separate(
                folder.resolve("stand"),
                Map.of(
                        "users.file",
                        users().toString(),
                        "routes.dir",
                        routes().toString(),
                        "camel.component.kafka.session-timeout-ms",
                        "1000",
                        "camel.component.kafka.heartbeat-interval-ms",
                        "300"));
        ExecutorService lanes = Executors.newFixedThreadPool(LANES);
        ExecutorService readers = Executors.newFixedThreadPool(USERS);
        try {
            otherPort = Stand.freePort();
            startOther();
            List<Client> clients =
                    IntStream.rangeClosed(1, USERS).mapToObj(Client::new).toList();
            List<Future<?>> read = clients.stream()
                    .<Future<?>>map(client -> readers.submit(client::read))
                    .toList();

            for (int phase = 0; phase <= KILLS; phase++) {
                int from = phase * OF_A_PHASE;
                int to = phase == KILLS ? NOTIFICATIONS : from + OF_A_PHASE;
                CountDownLatch half = new CountDownLatch((to - from) / 2);
                List<Future<?>> sent = IntStream.range(from, to)
                        .<Future<?>>mapToObj(number -> lanes.submit(() -> send(number, half)))
                        .toList();
                if (phase < KILLS) {
                    half.await();
                    (phase % 2 == 0 ? other : stand.program()).kill();
                }
                all(sent);
                if (phase < KILLS) {
                    if (phase % 2 == 0) {
                        startOther();
                    } else {
                        stand.startProgram();
                    }
                }
            }
            all(read);

            assertThat(new Records(stand.brokers()).of("notifications-retry-1", record -> true))
                    .hasSizeGreaterThanOrEqualTo(NOTIFICATIONS / FAILING_EVERY);
            assertThat(stand.database().queryForList("SELECT total FROM inboxes WHERE user_id <= ?", Long.class, USERS))
                    .hasSize(USERS)
                    .allMatch(total -> total == OF_A_USER);
            assertThat(clients.stream().mapToInt(client -> client.cuts).sum()).isEqualTo(CUTS);
            assertThat(stand.program().terminate()).isZero();
            assertThat(other.terminate()).isZero();
            for (Client client : clients) {
                assertThat(client.last.events("notification")).isEmpty();
                assertThat(client.texts).containsExactlyInAnyOrderElementsOf(texts(client.user));
                assertThat(client.last.await("bye", 1).data().path("reason").asText())
                        .isEqualTo("drain");
                client.last.close();
            }
        } finally {
            lanes.shutdownNow();
            readers.shutdownNow();
            stand.close();
        }
    }

    private static void all(List<Future<?>> done) throws ExecutionException, InterruptedException {
        for (Future<?> each : done) {
            each.get();
        }
    }

    private void startOther() throws IOException {
        other = stand.launch(Map.of("HTTP_PORT", Integer.toString(otherPort))).untilReady();
    }

    private Path users() throws IOException {
        return Files.writeString(
                folder.resolve("users.json"),
                IntStream.rangeClosed(1, USERS)
                        .mapToObj(user -> "{\"id\":" + user + ",\"name\":\"User " + user + "\"}")
                        .collect(Collectors.joining(",", "[", "]")));
    }

    /** Those that are shipped; of every so many notifications one is not processed before its first retry topic. */
    private Path routes() throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> files = Files.list(Launched.HOME.resolve("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Path file = routes.resolve("notifications.camel.yaml");
        String step = "              - aggregate:\n";
        String shipped = Files.readString(file);
        assertThat(shipped).containsOnlyOnce(step);
        Files.writeString(file, shipped.replace(step, FAILING + step));
        return routes;
    }

    private int port(Random random) {
        return random.nextBoolean() ? otherPort : stand.http().port();
    }

    private static int user(int number) {
        return number % USERS + 1;
    }

    private static String text(int number) {
        return number + (number % FAILING_EVERY == 0 ? " " + FAILS : "");
    }

    private static List<String> texts(int user) {
        return IntStream.range(0, NOTIFICATIONS)
                .filter(number -> user(number) == user)
                .mapToObj(StreamsIT::text)
                .toList();
    }

    /** Until it is acknowledged, by whichever instance. */
    private void send(int number, CountDownLatch sent) {
        Random random = new Random(number);
        String body = "{\"fromID\":1,\"toID\":" + user(number) + ",\"message\":\"" + text(number) + "\"}";
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> new Http("http://127.0.0.1:" + port(random))
                                .send(
                                        "POST",
                                        "/send",
                                        body,
                                        Map.of("Content-Type", "application/json", "Message-ID", "n" + number))
                                .status()
                        == 200);
        sent.countDown();
    }

    /** A user's, which resumes behind the last notification that it has seen. */
    private final class Client {

        private final int user;
        private final List<String> texts = new ArrayList<>();
        private int cuts;
        private EventStream last;

        Client(int user) {
            this.user = user;
        }

        void read() {
            Random random = new Random(user);
            int planned = CUTS / USERS;
            while (texts.size() < OF_A_USER || cuts < planned) {
                EventStream stream = open(port(random));
                if (stream == null) {
                    continue;
                }
                int seen = texts.size();
                int until = cuts < planned
                        ? Math.min(OF_A_USER, seen + random.nextInt(2 * OF_A_USER / planned))
                        : OF_A_USER;
                await().atMost(LONG)
                        .until(() -> stream.isOver()
                                || seen + stream.events("notification").size() >= until);
                boolean cut = !stream.isOver();
                if (cut && cuts < planned) {
                    cuts++;
                }
                stream.close();
                stream.events().forEach(this::take);
            }
            while (last == null) {
                last = open(port(random));
            }
        }

        private void take(Event event) {
            assertThat(event.name()).isIn("count", "notification", "bye");
            if (event.id() != null) {
                assertThat(event.id())
                        .as("without a gap and without a repeat")
                        .isEqualTo(Integer.toString(texts.size() + 1));
                texts.add(event.data().path("message").asText());
            }
        }

        /** Null where the instance is not there. */
        private EventStream open(int port) {
            try {
                EventStream stream = EventStream.open(
                        port,
                        "/notifications/" + user + "/stream",
                        Map.of("Last-Event-ID", Integer.toString(texts.size())));
                return stream.status() == 200 ? stream : null;
            } catch (UncheckedIOException e) {
                return null;
            }
        }
    }
}
