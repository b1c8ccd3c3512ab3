package dev.caravan.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.platform.database.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The broker that all cases share, and the programs that each case starts, as separate processes on loopback. */
final class Testbed implements AutoCloseable {

    static final Path HOME = Path.of("target/caravan").toAbsolutePath();

    /** Caravan's options for its embedded database: a transaction is in the file before it is acknowledged. */
    private static final String DATABASE_OPTIONS =
            ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0;CACHE_SIZE=65536";

    private final Path folder;
    private final int brokerPort = freePort();
    private final ProgramProcess broker;
    private final Topics topics;
    private int folders;

    /** @param folder an empty one */
    Testbed(Path folder) throws Exception {
        this.folder = folder;
        Path data = folder("broker");
        List<String> arguments = List.of("-Xmx512m", Broker.class.getName(), data + "/kafka", "" + brokerPort);
        broker = ProgramProcess.start(data.resolve("log"), brokerPort, Map.of(), java(arguments));
        broker.untilItListens();
        topics = new Topics(brokers());
        topics.create("comments", "orders", "notifications", "events", "limit", "camel");
    }

    /** The embedded broker as a process. */
    static final class Broker {
        public static void main(String[] args) throws InterruptedException {
            EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]));
            new CountDownLatch(1).await();
        }
    }

    String brokers() {
        return "127.0.0.1:" + brokerPort;
    }

    Topics topics() {
        return topics;
    }

    /** Creates a folder for the files of one process. */
    Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name + "-" + ++folders));
    }

    /**
     * Starts the packaged program by its launcher with default settings, and returns at once.
     *
     * @param data its folder, whose name is also the prefix of its consumer groups
     */
    ProgramProcess caravan(Path data, Map<String, String> settings) throws Exception {
        return caravan(HOME, data, settings);
    }

    /** @param home the folder of a packaged program */
    ProgramProcess caravan(Path home, Path data, Map<String, String> settings) throws Exception {
        int port = freePort();
        Map<String, String> environment = new HashMap<>(Map.of(
                "HTTP_PORT",
                "" + port,
                "MANAGEMENT_PORT",
                "" + freePort(),
                "DATA_DIR",
                data.toString(),
                // A group whose member was killed would block until the session expires.
                "KAFKA_CONSUMER_GROUP_ID",
                data.getFileName().toString(),
                "LOG_FORMAT",
                "text"));
        environment.putAll(settings);
        List<String> command = List.of(home.resolve("bin/caravan").toString());
        return ProgramProcess.start(data.resolve("log"), port, environment, command);
    }

    /** Starts {@link Reference} and returns at once. */
    ProgramProcess reference(Path data, String... arguments) throws Exception {
        int port = freePort();
        return javaProgram(data, port, Reference.class, List.of(brokers(), database(data), "" + port), arguments);
    }

    /** Starts {@link CamelProgram} and returns at once. */
    ProgramProcess bare(Path data, String... arguments) throws Exception {
        int port = freePort();
        return javaProgram(data, port, CamelProgram.class, List.of(brokers(), "" + port), arguments);
    }

    /** Starts {@code bench/spring} with the same heap and collector, and returns at once. */
    ProgramProcess spring(String database, boolean consumes) throws Exception {
        Path data = folder("spring");
        int port = freePort();
        Map<String, String> environment = Map.of(
                "SERVER_PORT",
                "" + port,
                "SPRING_KAFKA_BOOTSTRAPSERVERS",
                brokers(),
                "SPRING_DATASOURCE_URL",
                database,
                "SPRING_DATASOURCE_USERNAME",
                "caravan",
                "PEER_CONSUMES",
                "" + consumes);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xms96m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "@" + HOME.resolve("lib/serial.options"),
                "-cp",
                "bench/spring/target/classes:bench/spring/target/dependency/*",
                "dev.caravan.peer.SpringPeer");
        return ProgramProcess.start(data.resolve("log"), port, environment, command);
    }

    /** With the launcher's options for heap, collector, compilers and H2. */
    private static ProgramProcess javaProgram(Path data, int port, Class<?> program, List<String> first, String... more)
            throws Exception {
        String collector = System.getenv().getOrDefault("CARAVAN_GC", "Serial");
        List<String> command = new ArrayList<>(List.of(
                "-Xms96m",
                "-Xmx" + System.getenv().getOrDefault("CARAVAN_HEAP", "512m"),
                "-XX:+Use" + collector + "GC",
                "@" + HOME.resolve("lib/compiler.options"),
                "@" + HOME.resolve("lib/database.options"),
                "-XX:+ExitOnOutOfMemoryError"));
        if (collector.equals("Serial")) {
            command.add("@" + HOME.resolve("lib/serial.options"));
        }
        command.add(program.getName());
        command.addAll(first);
        command.addAll(List.of(more));
        return ProgramProcess.start(data.resolve("log"), port, Map.of(), java(command));
    }

    /** The URL of Caravan's H2 database in this folder. */
    static String database(Path data) {
        return "jdbc:h2:file:" + data.resolve("caravan") + DATABASE_OPTIONS;
    }

    /** Caravan's own pool, which creates the schema. */
    static HikariDataSource pool(String database) {
        HikariDataSource pool = new Database();
        pool.setJdbcUrl(database);
        pool.setUsername("caravan");
        pool.setPassword("");
        return pool;
    }

    /** An H2 server for roles that share a database, so that nothing has to be installed. */
    ProgramProcess databaseServer(Path data, int port) throws Exception {
        List<String> arguments = List.of(
                "-Dh2.bindAddress=127.0.0.1",
                "org.h2.tools.Server",
                "-tcp",
                "-tcpPort",
                "" + port,
                "-ifNotExists",
                "-baseDir",
                data.toString());
        return ProgramProcess.start(data.resolve("log"), port, Map.of(), java(arguments))
                .untilItListens();
    }

    static String databaseOfServer(int port) {
        return "jdbc:h2:tcp://127.0.0.1:" + port + "/./caravan" + DATABASE_OPTIONS;
    }

    private static List<String> java(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(arguments);
        return command;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        topics.close();
        broker.close();
    }
}
