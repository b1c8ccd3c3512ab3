package dev.caravan.support;

import dev.caravan.Application;
import dev.caravan.embedded.EmbeddedBroker;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Injects the shared {@link Program} of the test run, with a real broker and the embedded database. It starts with the first test that
 * needs it and stops after the last one. Tests use their own keys, users and ids.
 */
public final class CaravanExtension implements ParameterResolver {

    /** The build's processes, which are numbered from 1, use different ports. */
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(10_000
            + 5_000 * Integer.getInteger("tests.process", 0)
            + ThreadLocalRandom.current().nextInt(1_000));

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == Program.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        // A build with several processes has one session per process.
        return test.getStore(
                        ExtensionContext.StoreScope.LAUNCHER_SESSION,
                        ExtensionContext.Namespace.create(CaravanExtension.class))
                .getOrComputeIfAbsent(Program.class, type -> one(), Program.class);
    }

    private static Program one() {
        try {
            return Program.start(Map.of()).untilReady();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A Caravan in this JVM with its own ports. */
    public static final class Program implements AutoCloseable {

        private final Path folder;
        private final EmbeddedBroker ownBroker;
        private final Application application;
        private final int port;
        private final int managementPort;
        private final Map<String, String> overrides;

        private Program(Path folder, String brokers, EmbeddedBroker own, Map<String, String> more) throws Exception {
            this(folder, brokers, own, testRoutes(folder), more);
        }

        private Program(
                Path folder,
                String brokers,
                EmbeddedBroker own,
                Map<String, String> routes,
                Map<String, String> overrides)
                throws Exception {
            this.folder = folder;
            this.ownBroker = own;
            this.port = freePort();
            this.managementPort = freePort();
            this.overrides = new HashMap<>(Map.of(
                    "http.port",
                    Integer.toString(port),
                    "management.port",
                    Integer.toString(managementPort),
                    "kafka.brokers",
                    brokers,
                    "data.dir",
                    folder.toString(),
                    "retry.backoff",
                    "10ms",
                    "retry.delays",
                    "100ms,200ms,300ms"));
            this.overrides.put("publish.timeout", CaravanProcess.PUBLISH_TIMEOUT);
            this.overrides.put("kafka.consumer.fetch.max.wait", CaravanProcess.FETCH_MAX_WAIT);
            this.overrides.put("search.timeout", CaravanProcess.SEARCH_TIMEOUT);
            this.overrides.putAll(routes);
            this.overrides.put("metrics.backlog.interval", "500ms");
            this.overrides.put("camel.beans.consumerWatch.every", "500ms");
            this.overrides.putAll(Map.of(
                    "webhooks.enabled", "true",
                    "webhooks.allowed.networks", "127.0.0.0/8",
                    "webhooks.retry.delays", "100ms,200ms",
                    "webhooks.timeout", "5m",
                    "webhooks.pause", "100ms",
                    "webhooks.interval", "50ms"));
            this.overrides.putAll(overrides);
            this.application = new Application(this.overrides);
            application.start();
        }

        private static Map<String, String> testRoutes(Path folder) throws IOException {
            return Map.of("routes.dir", routes(folder).toString(), "flaky.topic", "flaky", "forward.topic", "forward");
        }

        /** A folder with the shipped routes and those of the tests. */
        private static Path routes(Path folder) throws IOException {
            Path routes = Files.createDirectories(folder.resolve("routes"));
            for (String source : new String[] {"src/main/resources/routes", "src/test/resources/routes"}) {
                try (var files = Files.list(Path.of(source))) {
                    for (Path file : files.toList()) {
                        Files.copy(file, routes.resolve(file.getFileName()));
                    }
                }
            }
            return routes;
        }

        /** Starts a program with its own broker and database. */
        public static Program start(Map<String, String> overrides) throws Exception {
            Path folder = Files.createTempDirectory("caravan-it");
            EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
            return new Program(folder, broker.bootstrapServers(), broker, overrides);
        }

        /** Starts a program on shared brokers. */
        public static Program on(String brokers, Map<String, String> overrides) throws Exception {
            return new Program(Files.createTempDirectory("caravan-it"), brokers, null, overrides);
        }

        /** Starts a program with only the shipped routes, on shared brokers. */
        public static Program shipped(String brokers, Map<String, String> overrides) throws Exception {
            return new Program(
                    Files.createTempDirectory("caravan-it"),
                    brokers,
                    null,
                    Map.of("routes.dir", "src/main/resources/routes"),
                    overrides);
        }

        /** Waits until the tables and topics exist: the start itself waits only 5 s for each. */
        public Program untilReady() {
            Awaitility.await()
                    .ignoreExceptions()
                    .until(() -> management().get("/observe/health/ready").status() == 200
                            && records().partitions("orders") > 0);
            return this;
        }

        public Application caravan() {
            return application;
        }

        /** The folder of the route files. */
        public Path routes() {
            return folder.resolve("routes");
        }

        public Http http() {
            return new Http("http://127.0.0.1:" + port);
        }

        /** Deletes all endpoints, which would get the events of other tests. */
        public void deleteWebhooks() {
            http().get("/api/v1/webhooks").json().path("items").forEach(item -> http().send(
                            "DELETE", "/api/v1/webhooks/" + item.path("id").asText(), null, Map.of()));
        }

        public int managementPort() {
            return managementPort;
        }

        public Http management() {
            return new Http("http://127.0.0.1:" + managementPort);
        }

        public Records records() {
            return new Records(overrides.get("kafka.brokers"));
        }

        @Override
        public void close() throws IOException {
            application.close();
            if (ownBroker != null) {
                ownBroker.close();
            }
            try (var files = Files.walk(folder)) {
                Path[] deepestFirst = files.sorted(Comparator.reverseOrder()).toArray(Path[]::new);
                Arrays.stream(deepestFirst).forEach(file -> file.toFile().delete());
            }
        }
    }

    /** A free port below the ephemeral range, because an outgoing connection could take an ephemeral one before the server. */
    public static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(NEXT_PORT.getAndIncrement())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // In use; try the next one.
                continue;
            }
        }
    }
}
