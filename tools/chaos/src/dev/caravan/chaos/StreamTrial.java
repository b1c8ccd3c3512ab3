package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.EventStream;
import dev.caravan.support.EventStream.Event;
import dev.caravan.support.Http;
import dev.caravan.support.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

/**
 * Kills instances in turn while clients of live inboxes cut their streams and resume at another instance. Fails unless every user gets the
 * notifications 1 to n in order and once.
 */
final class StreamTrial {

    /**
     * @param roles the roles of the instances; each phase kills the next one
     */
    record Plan(int users, int notifications, int cuts, int kills, List<String> roles) {

        /** Takes several minutes. */
        static final Plan ALL = new Plan(200, 20_000, 2_000, 20, List.of("api", "worker", "api", "worker"));

        /** Part of the integration tests. */
        static final Plan SLICE = new Plan(12, 360, 60, 2, List.of("all", "all"));

        int perUser() {
            return notifications / users;
        }

        int perPhase() {
            return notifications / (kills + 1);
        }
    }

    private static final int FAILING_EVERY = 20;
    private static final int LANES = 4;
    private static final String FAILS = "fails at first";
    private static final String FAILING_STEP =
            """
                          - choice:
                              when:
                                - simple: "${body[message]} contains '%s' && ${exchangeProperty.CaravanDelivery.source.level} == 0"
                                  steps:
                                    - throwException: { exceptionType: java.lang.IllegalStateException, message: not yet }
            """
                    .formatted(FAILS);
    private static final Duration TIMEOUT = Duration.ofMinutes(20);

    private final Plan plan;
    private final Path folder;
    private final List<Instance> instances = new ArrayList<>();
    private Testbed testbed;

    StreamTrial(Plan plan, Path folder) {
        this.plan = plan;
        this.folder = folder;
    }

    /** A program that restarts on the same port. */
    private final class Instance {

        private final String role;
        private final int port;
        private CaravanProcess program;

        Instance(String role) throws IOException {
            this.role = role;
            this.port = CaravanExtension.freePort();
        }

        void start() throws IOException {
            program = testbed.launch(Map.of("ROLE", role, "HTTP_PORT", Integer.toString(port)))
                    .untilReady();
        }

        boolean servesHttp() {
            return !role.equals("worker");
        }
    }

    /** Returns a summary in one line. */
    String run() throws Exception {
        long begin = System.nanoTime();
        testbed = Testbed.separate(
                folder.resolve("testbed"),
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
        ExecutorService readers = Executors.newFixedThreadPool(plan.users());
        try {
            // It has created the tables.
            assertThat(testbed.program().terminate()).isZero();
            for (String role : plan.roles()) {
                Instance instance = new Instance(role);
                instance.start();
                instances.add(instance);
            }
            List<Client> clients =
                    IntStream.rangeClosed(1, plan.users()).mapToObj(Client::new).toList();
            List<Future<?>> read = clients.stream()
                    .<Future<?>>map(client -> readers.submit(client::read))
                    .toList();

            for (int phase = 0; phase <= plan.kills(); phase++) {
                int from = phase * plan.perPhase();
                int to = phase == plan.kills() ? plan.notifications() : from + plan.perPhase();
                CountDownLatch half = new CountDownLatch((to - from) / 2);
                List<Future<?>> sent = IntStream.range(from, to)
                        .<Future<?>>mapToObj(number -> lanes.submit(() -> send(number, half)))
                        .toList();
                Instance killed = instances.get(phase % instances.size());
                if (phase < plan.kills()) {
                    half.await();
                    killed.program.kill();
                }
                all(sent);
                if (phase < plan.kills()) {
                    killed.start();
                }
            }
            all(read);

            int retried = new Records(testbed.brokers())
                    .of("notifications-retry-1", record -> true)
                    .size();
            assertThat(retried).isGreaterThanOrEqualTo(plan.notifications() / FAILING_EVERY);
            assertThat(testbed.database()
                            .queryForList("SELECT total FROM inboxes WHERE user_id <= ?", Long.class, plan.users()))
                    .hasSize(plan.users())
                    .allMatch(total -> total == plan.perUser());
            int cuts = clients.stream().mapToInt(client -> client.cuts).sum();
            assertThat(cuts).isEqualTo(plan.cuts());
            for (Instance instance : instances) {
                assertThat(instance.program.terminate()).isZero();
            }
            for (Client client : clients) {
                assertThat(client.last.events("notification")).isEmpty();
                assertThat(client.texts).containsExactlyInAnyOrderElementsOf(texts(client.user));
                assertThat(client.last.await("bye", 1).data().path("reason").asText())
                        .isEqualTo("drain");
                client.last.close();
            }
            return String.format(
                    Locale.ROOT,
                    "%d users, %d notifications, %d retried, %d cuts, %d other ends of streams, %d kills of %s, %.0f s:"
                            + " each user got 1 to %d in order, each once",
                    plan.users(),
                    plan.notifications(),
                    retried,
                    cuts,
                    clients.stream().mapToInt(client -> client.ends).sum(),
                    plan.kills(),
                    plan.roles(),
                    (System.nanoTime() - begin) / 1e9,
                    plan.perUser());
        } finally {
            lanes.shutdownNow();
            readers.shutdownNow();
            testbed.close();
        }
    }

    private static void all(List<Future<?>> done) throws ExecutionException, InterruptedException {
        for (Future<?> each : done) {
            each.get();
        }
    }

    private Path users() throws IOException {
        return Files.writeString(
                folder.resolve("users.json"),
                IntStream.rangeClosed(1, plan.users())
                        .mapToObj(user -> "{\"id\":" + user + ",\"name\":\"User " + user + "\"}")
                        .collect(Collectors.joining(",", "[", "]")));
    }

    /** The shipped routes, with a step that sends every {@value #FAILING_EVERY}th notification to its first retry topic. */
    private Path routes() throws IOException {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        try (Stream<Path> files = Files.list(CaravanProcess.HOME.resolve("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Path file = routes.resolve("notifications.camel.yaml");
        String step = "              - aggregate:\n";
        String shipped = Files.readString(file);
        assertThat(shipped).containsOnlyOnce(step);
        Files.writeString(file, shipped.replace(step, FAILING_STEP + step));
        return routes;
    }

    /** The port of a random instance that serves streams. */
    private int port(Random random) {
        List<Instance> serving = instances.stream().filter(Instance::servesHttp).toList();
        return serving.get(random.nextInt(serving.size())).port;
    }

    private int user(int number) {
        return number % plan.users() + 1;
    }

    private static String text(int number) {
        return number + (number % FAILING_EVERY == 0 ? " " + FAILS : "");
    }

    private List<String> texts(int user) {
        return IntStream.range(0, plan.notifications())
                .filter(number -> user(number) == user)
                .mapToObj(StreamTrial::text)
                .toList();
    }

    /** Repeats the request at random instances until it is acknowledged. */
    private void send(int number, CountDownLatch sent) {
        Random random = new Random(number);
        String body = "{\"fromID\":1,\"toID\":" + user(number) + ",\"message\":\"" + text(number) + "\"}";
        await().atMost(TIMEOUT)
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

    /** A user's client, which resumes after the last notification that it has received. */
    private final class Client {

        private final int user;
        private final List<String> texts = new ArrayList<>();
        private int cuts;
        private int ends;
        private EventStream last;

        Client(int user) {
            this.user = user;
        }

        void read() {
            Random random = new Random(user);
            int planned = plan.cuts() / plan.users();
            while (texts.size() < plan.perUser() || cuts < planned) {
                EventStream stream = open(port(random));
                if (stream == null) {
                    continue;
                }
                int seen = texts.size();
                int until = cuts < planned
                        ? Math.min(plan.perUser(), seen + random.nextInt(2 * plan.perUser() / planned))
                        : plan.perUser();
                await().atMost(TIMEOUT)
                        .until(() -> stream.isOver()
                                || seen + stream.events("notification").size() >= until);
                if (stream.isOver()) {
                    ends++;
                } else if (cuts < planned) {
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

        /** Null if the instance is unavailable. */
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
