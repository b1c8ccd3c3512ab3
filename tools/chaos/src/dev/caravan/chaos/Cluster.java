package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Nginx;
import dev.caravan.support.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

/**
 * Three brokers, a PostgreSQL primary with synchronous standbys behind one address, two programs of the role api behind nginx, and three of
 * the role worker, one of which reaches the brokers through proxies.
 */
final class Cluster implements AutoCloseable {

    private static final int BROKERS = 3;
    private static final int SERVERS = 3;
    private static final Duration LONG = Duration.ofMinutes(4);

    /** A program that restarts on the same port. */
    private record Instance(Testbed testbed, Map<String, String> settings) {

        CaravanProcess launch() throws IOException {
            return testbed.launch(settings);
        }
    }

    private final Testbed testbed;
    private final List<ClusterBroker> brokers = new ArrayList<>();
    private final List<Postgres> servers;
    private final Proxy toDatabase;
    private final List<Instance> apis = new ArrayList<>();
    private final List<CaravanProcess> running = new ArrayList<>();
    private int primary;
    private List<Integer> upstream;
    private int nginxPort;
    private Nginx nginx;

    Cluster(Testbed testbed, Path folder) throws Exception {
        this.testbed = testbed;
        List<ClusterBroker.Ports> ports = new ArrayList<>();
        for (int i = 0; i < BROKERS; i++) {
            ports.add(ClusterBroker.Ports.free());
        }
        for (int node = 1; node <= BROKERS; node++) {
            ClusterBroker broker = new ClusterBroker(folder.resolve("kafka-" + node), node, ports, Map.of());
            broker.start();
            brokers.add(broker);
        }
        servers = Postgres.replicated(folder.resolve("postgres"), SERVERS, true);
        toDatabase = Proxy.start(CaravanExtension.freePort(), servers.get(0).port());
        await().atMost(LONG).ignoreExceptions().until(() -> inSync());
    }

    String bootstrap() {
        return brokers.stream().map(ClusterBroker::address).collect(Collectors.joining(","));
    }

    String databaseUrl() {
        return "jdbc:postgresql://127.0.0.1:" + toDatabase.port() + "/postgres";
    }

    Postgres primary() {
        return servers.get(primary);
    }

    /** @param port of nginx */
    void startPrograms(Path folder, int port) throws Exception {
        String watched = brokers.stream()
                .map(each -> "127.0.0.1:" + each.watched().port())
                .collect(Collectors.joining(","));
        upstream = List.of(CaravanExtension.freePort(), CaravanExtension.freePort());
        // The first one creates tables and topics.
        running.add(launchWorker(Map.of("KAFKA_BROKERS", watched)).untilReady());
        for (int api : upstream) {
            Instance instance = new Instance(testbed, Map.of("ROLE", "api", "HTTP_PORT", Integer.toString(api)));
            apis.add(instance);
            running.add(instance.launch());
        }
        running.add(launchWorker(Map.of()));
        running.add(launchWorker(Map.of()));
        running.forEach(CaravanProcess::untilReady);
        nginxPort = port;
        nginx = Nginx.start(Files.createDirectories(folder.resolve("nginx")), apis(-1));
    }

    private CaravanProcess launchWorker(Map<String, String> more) throws IOException {
        Map<String, String> settings =
                new HashMap<>(Map.of("ROLE", "worker", "HTTP_PORT", Integer.toString(CaravanExtension.freePort())));
        settings.putAll(more);
        return testbed.launch(settings);
    }

    /** @param down the api that gets no requests; -1 for none */
    private String apis(int down) {
        String servers = IntStream.range(0, upstream.size())
                .mapToObj(i -> "server 127.0.0.1:" + upstream.get(i) + (i == down ? " down;" : ";"))
                .collect(Collectors.joining(" "));
        return """
                upstream api { %s }
                server {
                  listen 127.0.0.1:%d;
                  location / { proxy_pass http://api; proxy_set_header Host $http_host; }
                }
                """
                .formatted(servers, nginxPort);
    }

    /**
     * Sends no more requests to an api that stops or is not ready, as an orchestrator does, because nginx has no readiness checks. Returns
     * when its pending requests are answered; -1 takes all back in.
     */
    private void takeOut(int api) throws IOException, InterruptedException {
        nginx.reload(apis(api));
        // nginx does not report when its old processes have ended.
        TimeUnit.SECONDS.sleep(5);
    }

    // --- faults ---

    List<ClusterBroker> brokers() {
        return brokers;
    }

    /** The broker that is the active controller. */
    ClusterBroker controller() throws Exception {
        try (Admin admin = admin()) {
            int leader = admin.describeMetadataQuorum().quorumInfo().get().leaderId();
            return brokers.get(leader - 1);
        }
    }

    void untilInSync() {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(this::inSync);
    }

    private boolean inSync() throws Exception {
        try (Admin admin = admin()) {
            if (admin.describeCluster().nodes().get().size() < BROKERS) {
                return false;
            }
            Set<String> topics = admin.listTopics().names().get();
            return admin.describeTopics(topics).allTopicNames().get().values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size() == BROKERS);
        }
    }

    /** Raises the number of a topic's partitions, which changes the partitions of its keys. */
    void raisePartitions(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                    .all()
                    .get();
        }
    }

    private Admin admin() {
        return Admin.create(
                Map.of("bootstrap.servers", bootstrap(), "default.api.timeout.ms", 5_000, "request.timeout.ms", 4_000));
    }

    void killPrimary() throws Exception {
        servers.get(primary).kill();
    }

    /** Promotes the next standby behind the same address. */
    void promote() {
        primary++;
        servers.get(primary).promote();
        toDatabase.moveTo(servers.get(primary).port());
    }

    /** Restarts the apis one after the other, each after the previous one is ready. */
    void rollApis() throws Exception {
        for (int i = 0; i < apis.size(); i++) {
            CaravanProcess api = running.get(1 + i);
            takeOut(i);
            stop(api);
            running.set(1 + i, apis.get(i).launch().untilReady());
            takeOut(-1);
        }
    }

    /** SIGTERM. With nine JVMs on one machine, a stop may take longer than usual. */
    static void stop(CaravanProcess program) throws IOException, InterruptedException {
        CaravanProcess.signal("TERM", program.pid());
        program.exitCode(Duration.ofMinutes(1));
    }

    CaravanProcess startWorker() throws IOException {
        return launchWorker(Map.of()).untilReady();
    }

    @Override
    public void close() throws Exception {
        if (nginx != null) {
            nginx.close();
        }
        for (ClusterBroker broker : brokers) {
            broker.close();
        }
        for (Postgres server : servers.subList(primary, servers.size())) {
            server.close();
        }
        toDatabase.close();
    }
}
