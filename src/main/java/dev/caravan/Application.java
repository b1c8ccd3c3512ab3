package dev.caravan;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.live.AuditedRouteController;
import dev.caravan.live.RouteFiles;
import dev.caravan.live.ValidateCommand;
import dev.caravan.operations.audit.OperatorAudit;
import dev.caravan.operations.console.ConsolePages;
import dev.caravan.operations.health.BrokerState;
import dev.caravan.operations.health.ConsumerWatch;
import dev.caravan.operations.logs.SecretLoggers;
import dev.caravan.operations.management.Management;
import dev.caravan.operations.metrics.ConsumerLag;
import dev.caravan.operations.metrics.RouteGauges;
import dev.caravan.operations.metrics.RouteTimers;
import dev.caravan.operations.traces.Traces;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.database.InvalidMigrationException;
import dev.caravan.platform.edge.OutboundHeaders;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.BusinessHttpServer;
import dev.caravan.platform.http.Certificate;
import dev.caravan.platform.http.HostNames;
import dev.caravan.platform.http.Limits;
import dev.caravan.platform.http.RequestGate;
import dev.caravan.platform.reliability.ConsumerTransaction;
import dev.caravan.platform.reliability.FailedNode;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.settings.Settings;
import dev.caravan.platform.sse.Streams;
import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.Counters;
import dev.caravan.platform.topics.TopicCreation;
import dev.caravan.platform.topics.Topics;
import dev.caravan.platform.users.Users;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running program: the Camel context, and everything that starts before its routes or stops after them.
 *
 * <p>{@link #close} loses nothing: HTTP and consumers finish their current work, then the producer sends its records, then
 * the embedded broker and the database stop.
 */
public final class Application implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    private static final String LOOPBACK = "127.0.0.1";
    /** H2's error code for a file that another process has locked. */
    private static final int DATABASE_IN_USE = 90020;

    private static final Duration FIRST_TRY = Duration.ofSeconds(5);

    /** Instances read a wake-up within seconds. */
    private static final Duration WAKE_UPS_RETENTION = Duration.ofHours(1);

    /** Other programs use these ports. Each line of the message names a port and the setting that changes it. */
    static final class BusyPortsException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        BusyPortsException(List<String> lines) {
            super(String.join("\n", lines), null, false, false);
        }
    }

    private final org.apache.camel.main.Main main;
    private CompletableFuture<EmbeddedBroker> broker;
    private final List<StartupRetry> waiting = new ArrayList<>();
    private Settings settings;
    private BusinessHttpServer httpServer;
    private RequestGate gate;
    private Optional<Traces> traces = Optional.empty();
    private Management management;
    private boolean started;

    public Application() {
        this(Map.of());
    }

    /** @param overrides properties that take precedence over {@code application.properties} and the environment */
    public Application(Map<String, String> overrides) {
        main = configured(overrides);
        main.addMainListener(new Preparation());
    }

    private static org.apache.camel.main.Main configured(Map<String, String> overrides) {
        SecretLoggers.restrict();
        org.apache.camel.main.Main main = new org.apache.camel.main.Main();
        overrides.forEach(main::addOverrideProperty);
        String home = System.getProperty("caravan.home");
        if (home != null) {
            // The user's copy. The jar contains the shipped one.
            main.setDefaultPropertyPlaceholderLocation("file:" + home + "/application.properties");
        }
        String profile = System.getenv("PROFILE");
        if (profile != null && !profile.isBlank()) {
            main.configure().setProfile(profile);
        }
        // RouteFiles loads the routes, because it can apply their edits.
        main.configure().setRoutesIncludePattern("false");
        return main;
    }

    /**
     * Checks route files without running them, and without a broker or a database.
     *
     * @return whether all of them are valid
     * @throws IOException if a folder cannot be read
     */
    static boolean validate(List<String> files, PrintStream out) throws IOException {
        org.apache.camel.main.Main main = configured(Map.of(
                "kafka.brokers",
                LOOPBACK + ":1",
                "database.url",
                // A new database for each check, with the tables of all migrations.
                "jdbc:h2:mem:" + UUID.randomUUID()
                        + ";DB_CLOSE_DELAY=-1;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"));
        main.init();
        try {
            CamelContext context = main.getCamelContext();
            return new ValidateCommand(context, context.resolvePropertyPlaceholders("{{routes.dir}}")).run(files, out);
        } finally {
            main.stop();
        }
    }

    /** Returns once the routes run and HTTP requests are answered. */
    public void start() throws Exception {
        main.start();
        gate.routesRun();
        management.started();
        RouteFiles routes = required(RouteFiles.class);
        routes.watch(this::create);
        watchFiles();
        required(ConsumerWatch.class).start(routes::runBetweenEdits);
        started = true;
        LOG.info("{}", banner());
    }

    /** Applies changes of schemas and users; route files, tokens and keys have watches of their own. */
    private void watchFiles() {
        Schemas schemas = required(Schemas.class);
        Users users = required(Users.class);
        context()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "caravan-files")
                .scheduleWithFixedDelay(
                        new RepeatedTask("The check of schemas and users", LOG, () -> {
                            schemas.refresh();
                            users.refresh();
                        }),
                        0,
                        500,
                        TimeUnit.MILLISECONDS);
    }

    public CamelContext context() {
        return main.getCamelContext();
    }

    private String banner() {
        String http = (certificate().isPresent() ? "https://" : "http://") + settings.get("http.host") + ":"
                + settings.get("http.port");
        String management = "http://" + settings.get("management.host") + ":" + settings.get("management.port");
        return String.join(
                System.lineSeparator(),
                "Caravan is ready: version " + version() + ", role " + settings.role() + ", after " + startSeconds()
                        + " s",
                settings.is("role.api") ? "  Console  " + http + "/" : "  Console  off (role worker)",
                "  API      " + http + "  (its description: " + http + "/openapi)",
                "  Health   " + management + "/observe/health",
                "  Metrics  " + management + "/observe/metrics",
                "  Hawtio   " + (this.management.hasHawtio() ? management + "/hawtio/" : "off"),
                "  Kafka    " + settings.get("kafka.brokers"),
                "  Data     "
                        + (settings.get("database.url").startsWith("jdbc:h2:") ? settings.dataDir() : "PostgreSQL"),
                "  Try it   " + example(http.replace("0.0.0.0", LOOPBACK)));
    }

    /** A command that the user can paste. */
    private String example(String http) {
        boolean sends = context().getRestRegistry().listAllRestServices().stream()
                .anyMatch(service -> service.getUrl().endsWith("/send"));
        String token = settings.is("auth.enabled") ? " -H \"Authorization: Bearer $TOKEN\"" : "";
        return sends
                ? "curl" + token + " -d 'fromID=2&toID=1&message=Hello' " + http + "/send"
                : "curl" + token + " " + http + "/openapi";
    }

    private static String startSeconds() {
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        return String.format(Locale.ROOT, "%.1f", millis / 1000.0);
    }

    static String version() {
        String version = Application.class.getPackage().getImplementationVersion();
        return version == null ? "unknown (not run from a jar)" : version;
    }

    /** The container image has no broker jars. */
    private static boolean hasBroker() {
        return Application.class.getResource("/kafka/server/KafkaRaftServer.class") != null;
    }

    /** Checks the settings before Camel configures anything, and starts what the routes need. */
    private final class Preparation extends MainListenerSupport {

        @Override
        public void beforeConfigure(BaseMainSupport support) {
            // Camel would read every variable that is spelled like a property. Only those that application.properties
            // names count.
            ((PropertiesComponent) context().getPropertiesComponent())
                    .setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
            context().setRouteController(new AuditedRouteController());
            settings = new Settings(context());
            Settings.misspelt().forEach(LOG::warn);
            requireFiles();
            Properties overrides = new Properties();
            overrides.putAll(settings.derived());
            overrides.setProperty("camel.server.enabled", "false");
            if (main.getOverrideProperties() != null) {
                overrides.putAll(main.getOverrideProperties());
            }
            context().getPropertiesComponent().setOverrideProperties(overrides);
            List<String> busy = new ArrayList<>();
            for (String port : List.of("http", "management")) {
                int free = requireFree(
                        port.toUpperCase(Locale.ROOT) + "_PORT",
                        settings.get(port + ".host"),
                        settings.integer(port + ".port"),
                        busy);
                overrides.setProperty(port + ".port", Integer.toString(free));
            }
            int port = settings.embedsBroker()
                    ? requireFree("KAFKA_EMBEDDED_PORT", LOOPBACK, settings.integer("kafka.embedded.port"), busy)
                    : 0;
            if (!busy.isEmpty()) {
                throw new BusyPortsException(busy);
            }
            if (settings.embedsBroker()) {
                if (!hasBroker()) {
                    throw new Settings.InvalidSettingsException(
                            List.of("This package has no embedded broker (lib/broker): set KAFKA_BROKERS"));
                }
                overrides.setProperty("kafka.brokers", LOOPBACK + ":" + port);
                Path folder = settings.dataDir().resolve("kafka");
                // In parallel with Camel's start, which takes as long and does not need the broker yet.
                broker = CompletableFuture.supplyAsync(() -> EmbeddedBroker.start(folder, port));
            }
        }

        @Override
        public void afterConfigure(BaseMainSupport support) {
            management = Management.of(context(), settings);
            context().addRoutePolicyFactory(required(RouteTimers.class));
            context().getCamelContextExtension().addInterceptStrategy(required(FailedNode.class));
            context().addLifecycleStrategy(required(RouteGauges.class));
            context().addLifecycleStrategy(required(OutboundHeaders.class));
            try {
                traces = Traces.start(context());
                required(RouteFiles.class).load();
            } catch (IllegalArgumentException e) {
                throw new Settings.InvalidSettingsException(
                        e.getMessage().lines().toList());
            }
            try {
                // Starts and stops with the routes.
                context().addService(required(ConsumerLag.class));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (broker != null) {
                try {
                    EmbeddedBroker running = broker.join();
                    context().getRegistry().bind("broker", BrokerState.class, (BrokerState) running::failure);
                } catch (CompletionException e) {
                    throw e.getCause() instanceof RuntimeException cause ? cause : e;
                }
            }
            DataSource database = required(DataSource.class);
            requireUnshared(database);
            waiting.add(StartupRetry.start(
                    "the database", () -> database.getConnection().close()));
            Topics topics = required(Topics.class);
            waiting.add(
                    StartupRetry.start("Kafka at " + settings.get("kafka.brokers"), () -> create(topics.consumers())));
            required(Authenticator.class).open();
            serve();
            try {
                for (StartupRetry each : waiting) {
                    each.firstTry(FIRST_TRY);
                }
            } catch (InvalidMigrationException e) {
                throw new Settings.InvalidSettingsException(List.of(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Reports all invalid files at once, before anything starts. Camel creates the beans that use the files later. */
    private void requireFiles() {
        Schemas schemas = new Schemas();
        schemas.setFolder(settings.get("schemas.dir"));
        schemas.setCamelContext(context());
        Users users = new Users();
        users.setFile(settings.get("users.file"));
        users.setCamelContext(context());
        RouteFiles routes = new RouteFiles();
        routes.setLocation(settings.get("routes.dir"));
        routes.setCamelContext(context());
        List<String> wrong = new ArrayList<>();
        for (Runnable check : List.<Runnable>of(schemas::open, users::open, routes::open)) {
            try {
                check.run();
            } catch (IllegalArgumentException e) {
                e.getMessage().lines().forEach(wrong::add);
            }
        }
        if (!wrong.isEmpty()) {
            throw new Settings.InvalidSettingsException(wrong);
        }
    }

    /**
     * Only one process at a time can open an H2 file. A second one would join the consumer groups and process nothing.
     */
    private void requireUnshared(DataSource database) {
        if (!settings.get("database.url").startsWith("jdbc:h2:")) {
            return;
        }
        try {
            database.getConnection().close();
        } catch (InvalidMigrationException e) {
            throw new Settings.InvalidSettingsException(List.of(e.getMessage()));
        } catch (SQLException e) {
            for (Throwable cause : ObjectHelper.createExceptionIterable(e)) {
                if (cause instanceof SQLException failure && failure.getErrorCode() == DATABASE_IN_USE) {
                    throw new IllegalStateException("Another program uses the database in " + settings.dataDir()
                            + "; set DATA_DIR to another folder, or DATABASE_URL to a database that both may use");
                }
            }
            // For any other failure, the next step waits until the database is available.
        }
    }

    private void create(Consumers consumers) throws ExecutionException, InterruptedException {
        Topics all = required(Topics.class);
        List<String> topics = all.required(consumers);
        required(Counters.class).begin(topics, consumers.all(), all.levels());
        Map<TopicCreation.Layout, Collection<String>> layouts = new HashMap<>();
        layouts.put(
                layout(settings.integer("kafka.topic.partitions"), settings.duration("kafka.topic.retention")), topics);
        layouts.put(layout(1, WAKE_UPS_RETENTION), settings.items("sse.wakeups"));
        TopicCreation.create(
                context().getComponent("kafka", KafkaComponent.class).getConfiguration(), layouts);
    }

    private TopicCreation.Layout layout(int partitions, Duration retention) {
        return new TopicCreation.Layout(
                partitions,
                settings.integer("kafka.topic.replication"),
                settings.integer("kafka.topic.max.bytes"),
                settings.integer("kafka.ladder.max.bytes"),
                retention);
    }

    /** Starts the HTTP server before the routes. It answers 503 until they run. */
    private void serve() {
        HttpServerConfigurationProperties http = main.configure().httpServer();
        VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost(http.getHost());
        configuration.setBindPort(http.getPort());
        configuration.setMaxBodySize(http.getMaxBodySize());
        Limits limits = new Limits(
                (int) settings.size("http.max.header"),
                settings.integer("http.max.connections"),
                settings.integer("http.max.requests"),
                settings.duration("http.read.timeout"),
                new HostNames(http.getHost(), settings.items("http.hosts")),
                settings.items("http.cors.origins"));
        httpServer = new BusinessHttpServer(configuration, limits, certificate());
        try {
            httpServer.setCamelContext(context());
            ServiceHelper.startService(httpServer);
            context().addService(httpServer);
        } catch (Exception e) {
            throw new IllegalStateException("Cannot serve HTTP on " + http.getHost() + ":" + http.getPort(), e);
        }
        gate = RequestGate.attachTo(
                context(),
                http.getPort(),
                limits,
                settings.is("role.api") ? Optional.of(new ConsolePages()) : Optional.empty());
    }

    private Optional<Certificate> certificate() {
        return settings.get("http.tls.certificate").isBlank()
                ? Optional.empty()
                : Optional.of(new Certificate(
                        Path.of(settings.get("http.tls.certificate")), Path.of(settings.get("http.tls.key"))));
    }

    /**
     * Checks a port, because Vert.x only logs that a port is busy, and the program would run without HTTP.
     *
     * @param busy receives a line if the port cannot be opened
     * @return the port, or a free one for 0
     */
    private static int requireFree(String setting, String host, int port, List<String> busy) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            boolean unknown = e instanceof UnknownHostException;
            busy.add(host + ":" + port + " cannot be opened for listening ("
                    + (unknown ? "this machine has no such address" : e.getMessage()) + "); set "
                    + (unknown
                            ? setting.replace("PORT", "HOST") + " to another address"
                            : setting + " to another port"));
            return port;
        }
    }

    @Override
    public void close() {
        waiting.forEach(StartupRetry::close);
        bean(ConsumerWatch.class).ifPresent(ConsumerWatch::close);
        bean(RouteFiles.class).ifPresent(RouteFiles::close);
        bean(OperatorAudit.class).ifPresent(each -> close("The audit", each));
        if (httpServer != null) {
            httpServer.goAway();
        }
        // Clients reconnect to other instances, spread over some time.
        bean(Streams.class).ifPresent(Streams::drain);
        if (gate != null) {
            gate.routesStop();
        }
        bean(Authenticator.class).ifPresent(Authenticator::close);
        Optional<ConsumerTransaction> batch = bean(ConsumerTransaction.class);
        Optional<DataSource> database = bean(DataSource.class);
        Optional<Streams> streams = bean(Streams.class);
        main.stop();
        streams.ifPresent(Streams::close);
        traces.ifPresent(Traces::close);
        if (started) {
            LOG.info(
                    "Processed {} messages",
                    batch.map(ConsumerTransaction::processed).orElse(0L));
        }
        if (broker != null) {
            broker.exceptionally(failure -> null)
                    .thenAccept(running -> close("Kafka", running))
                    .join();
        }
        database.ifPresent(each -> close("The database", each));
    }

    private <T> T required(Class<T> type) {
        return context().getRegistry().findSingleByType(type);
    }

    private <T> Optional<T> bean(Class<T> type) {
        return Optional.ofNullable(context())
                .map(context -> context.getRegistry().findSingleByType(type));
    }

    private static void close(String what, Object resource) {
        if (resource instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("Closing {} failed: {}", what, e.toString());
            }
        }
    }
}
