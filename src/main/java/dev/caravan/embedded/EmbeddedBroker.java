package dev.caravan.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.fault.FaultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker and its controller inside this JVM, reachable from this machine only. Acknowledged records survive
 * {@link #close()} and the end of the JVM, including {@code kill -9}, and are available at the next start on the same
 * folder. They do not survive power loss or disk failure: there is one copy, and no write waits for fsync.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String HOST = "127.0.0.1";
    private static final int NODE = 1;
    private static final String META = "meta.properties";

    private final Path folder;
    private final FileChannel lock;
    private final SharedServer shared;
    private final ControllerServer controller;
    private final BrokerServer broker;
    private final Thread starter = Thread.currentThread();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private volatile boolean started;

    /**
     * Blocks until the broker serves requests. The folder must hold nothing else; it is formatted at first use. Side
     * effect on the whole JVM: Kafka can no longer exit it, for example when the disk fails later.
     *
     * @param port the port on the loopback interface; 0 for any free port
     * @throws IllegalStateException if the port or the folder cannot be used; the message is one line that names them
     */
    public static EmbeddedBroker start(Path folder, int port) {
        return start(folder, port, Map.of());
    }

    /** @param overrides broker settings, with Kafka's names, that take precedence over the defaults */
    public static EmbeddedBroker start(Path folder, int port, Map<String, String> overrides) {
        Exit.setExitProcedure(EmbeddedBroker::rejectExit);
        Exit.setHaltProcedure(EmbeddedBroker::rejectExit);
        FileChannel lock = null;
        try {
            checkFree(port);
            lock = lock(Files.createDirectories(folder));
            // Before formatting, because the settings depend on whether the folder is new.
            var settings = settings(folder, port, overrides);
            format(folder);
            var broker = new EmbeddedBroker(folder, lock, new KafkaConfig(settings, false));
            broker.startup();
            return broker;
        } catch (Throwable e) {
            // Kafka's Scala code throws checked exceptions without declaring them.
            release(lock);
            throw new IllegalStateException(
                    "Cannot start Kafka on " + HOST + ":" + port + " with the data in " + folder + ": " + reason(e), e);
        }
    }

    private EmbeddedBroker(Path folder, FileChannel lock, KafkaConfig config) {
        this.folder = folder.toAbsolutePath();
        this.lock = lock;
        var folders = KafkaRaftServer.initializeLogDirs(config, LOG, "");
        var metrics = Server.initializeMetrics(
                config, Time.SYSTEM, folders._1().clusterId().orElseThrow());
        // Not KafkaRaftServer, which combines the same three parts: it exits the JVM on a fatal fault, and needs the
        // controller's port before that port is bound.
        var voters = new CompletableFuture<Map<Integer, InetSocketAddress>>();
        shared = new SharedServer(config, folders._1(), Time.SYSTEM, metrics, voters, List.of(), this::faultHandler);
        controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), folders._2());
        controller
                .socketServerFirstBoundPortFuture()
                .thenAccept(port -> voters.complete(Map.of(NODE, new InetSocketAddress(HOST, port))));
        broker = new BrokerServer(shared);
    }

    private void startup() throws Throwable {
        try {
            controller.startup();
            broker.startup();
            started = true;
        } catch (Throwable e) {
            // Clears the interrupt flag, because close() has to wait.
            boolean interrupted = Thread.interrupted() || e instanceof InterruptedException;
            close();
            if (interrupted && fault.get() == null) {
                starter.interrupt();
            }
            throw Objects.requireNonNullElse(fault.get(), e);
        }
    }

    public String bootstrapServers() {
        return HOST + ":" + broker.boundPort(ListenerName.normalised("CLIENTS"));
    }

    /**
     * Why the broker rejects records, for the operator; empty if it accepts them. After a failed or full disk the folder
     * stays offline until the next start, which keeps the acknowledged records.
     */
    public Optional<String> failure() {
        if (!started || broker.logManager().isLogDirOnline(folder.toString())) {
            return Optional.ofNullable(fault.get()).map(Throwable::getMessage);
        }
        return Optional.of("Kafka cannot write to " + folder + ": free its disk and restart the program");
    }

    /**
     * Stops the broker gracefully. Idempotent. Returns once the port and the folder are free, after at most about 10 s.
     */
    @Override
    public synchronized void close() {
        broker.shutdown(Duration.ofSeconds(5));
        controller.shutdown();
        release(lock);
    }

    private FaultHandler faultHandler(String component, boolean fatal, Runnable action) {
        return (message, cause) -> {
            LOG.error("Kafka's {} failed: {}", component, message, cause);
            action.run();
            var failure = new IllegalStateException("Kafka's " + component + " failed: " + message, cause);
            if (fatal && fault.compareAndSet(null, failure) && !started && Thread.currentThread() != starter) {
                // Otherwise it would wait forever.
                starter.interrupt();
            }
            return failure;
        };
    }

    private static void rejectExit(int status, String message) {
        throw new IllegalStateException("Kafka stopped, see its log" + (message == null ? "" : ": " + message));
    }

    private static void checkFree(int port) throws IOException {
        new ServerSocket(port, 1, InetAddress.getByName(HOST)).close();
    }

    /** Kafka acquires its own lock only after it has written the metadata. */
    private static FileChannel lock(Path folder) throws IOException {
        var file = FileChannel.open(folder.resolve("broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() != null) {
                return file;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("In use by this JVM", e);
        }
        file.close();
        throw new IOException("another program uses this folder; set DATA_DIR to another one");
    }

    private static void release(FileChannel lock) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.warn("Cannot release the broker's folder", e);
        }
    }

    private static void format(Path folder) throws Exception {
        if (Files.notExists(folder.resolve(META))) {
            new Formatter()
                    .setNodeId(NODE)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName("CONTROLLER")
                    .addDirectory(folder.toString())
                    .setMetadataLogDirectory(folder.toString())
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .run();
        }
    }

    /** Kafka wraps exceptions: the outermost one names what failed, the innermost one the reason. */
    private static String reason(Throwable e) {
        var root = Stream.iterate(e, Objects::nonNull, Throwable::getCause)
                .reduce((outer, inner) -> inner)
                .orElseThrow();
        var why = root.getMessage() == null ? root.toString() : root.getMessage();
        return (root == e ? why : e.getMessage() + " (" + why + ")").replaceAll("\\s*\\R\\s*", " ");
    }

    /**
     * The session timeout of the broker. After a kill it is short, because the controller admits the new broker only once
     * the session of the killed one has ended. Otherwise it is Kafka's default: a busy machine may delay heartbeats for
     * seconds, and a broker without a session serves no clients.
     */
    private static String sessionMillis(Path folder) {
        boolean killed = Files.exists(folder.resolve(META)) && Files.notExists(folder.resolve(".kafka_cleanshutdown"));
        return killed ? "2000" : "9000";
    }

    private static Map<String, String> settings(Path folder, int port, Map<String, String> overrides) {
        Map<String, String> settings = new HashMap<>(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "" + NODE),
                Map.entry("log.dirs", folder.toString()),
                Map.entry("listeners", "CLIENTS://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":0"),
                Map.entry("listener.security.protocol.map", "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "CLIENTS"),
                Map.entry("controller.listener.names", "CONTROLLER"),
                // The port is known once it is bound.
                Map.entry("controller.quorum.voters", NODE + "@" + HOST + ":0"),
                Map.entry("controller.quorum.append.linger.ms", "0"),
                Map.entry("broker.session.timeout.ms", sessionMillis(folder)),
                Map.entry("broker.heartbeat.interval.ms", "300"),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("delete.topic.enable", "true"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "5"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "2"),
                // Two brokers in one JVM would use the same MBean names.
                Map.entry("auto.include.jmx.reporter", "false"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "4"),
                Map.entry("background.threads", "2"),
                Map.entry("log.cleaner.dedupe.buffer.size", "" + 4 * 1024 * 1024)));
        settings.putAll(overrides);
        return settings;
    }
}
