package dev.caravan.chaos;

import dev.caravan.support.CaravanExtension;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** One of several brokers, each a controller too and a process of its own, as Kafka's own start script would run it. */
public final class ClusterBroker implements AutoCloseable {

    private static final String CLUSTER = Uuid.randomUuid().toString();

    private final Path folder;
    private final int port;
    private final Proxy watched;
    private Process process;

    /** Ports of one node. */
    public record Ports(int clients, int watched, int controller) {

        public static Ports free() throws IOException {
            return new Ports(CaravanExtension.freePort(), CaravanExtension.freePort(), CaravanExtension.freePort());
        }
    }

    /**
     * @param all the ports of all nodes, which count from 1
     * @param more settings that add to or replace the defaults, with Kafka's names
     */
    public ClusterBroker(Path folder, int node, List<Ports> all, Map<String, String> more) throws Exception {
        this.folder = Files.createDirectories(folder);
        Ports own = all.get(node - 1);
        this.port = own.clients();
        this.watched = Proxy.start(CaravanExtension.freePort(), own.watched());
        String voters = IntStream.rangeClosed(1, all.size())
                .mapToObj(id -> id + "@127.0.0.1:" + all.get(id - 1).controller())
                .collect(Collectors.joining(","));
        Map<String, String> settings = new HashMap<>(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "" + node),
                Map.entry("controller.quorum.voters", voters),
                Map.entry(
                        "listeners",
                        "CLIENTS://127.0.0.1:%d,WATCHED://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                                .formatted(port, own.watched(), own.controller())),
                Map.entry(
                        "advertised.listeners",
                        "CLIENTS://127.0.0.1:%d,WATCHED://127.0.0.1:%d".formatted(port, watched.port())),
                Map.entry("listener.security.protocol.map", "CLIENTS:PLAINTEXT,WATCHED:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("inter.broker.listener.name", "CLIENTS"),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", folder.resolve("data").toString()),
                Map.entry("default.replication.factor", "3"),
                Map.entry("min.insync.replicas", "2"),
                Map.entry("offsets.topic.replication.factor", "3"),
                Map.entry("offsets.topic.num.partitions", "6"),
                Map.entry("transaction.state.log.replication.factor", "3"),
                Map.entry("transaction.state.log.min.isr", "2"),
                Map.entry("transaction.state.log.num.partitions", "2"),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "2"),
                Map.entry("background.threads", "2"),
                Map.entry("log.cleaner.dedupe.buffer.size", "" + 4 * 1024 * 1024)));
        settings.putAll(more);
        Files.write(
                folder.resolve("server.properties"),
                settings.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList());
        new Formatter()
                .setNodeId(node)
                .setClusterId(CLUSTER)
                .setControllerListenerName("CONTROLLER")
                .addDirectory(folder.resolve("data").toString())
                .setMetadataLogDirectory(folder.resolve("data").toString())
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                .run();
    }

    /** Returns at once. */
    public void start() throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "kafka.Kafka",
                        folder.resolve("server.properties").toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder + ".log")))
                .start();
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** The network to this broker of the one program that uses it. */
    Proxy watched() {
        return watched;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
        }
    }

    @Override
    public void close() throws InterruptedException, IOException {
        kill();
        watched.close();
    }
}
