package dev.caravan.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedBrokerIT {
    @TempDir
    Path folder;

    @Test
    void keepsAllStateAcrossARestartOnAnotherPort() throws Exception {
        // Given
        String cluster;
        int port;
        try (var broker = EmbeddedBroker.start(folder, 0)) {
            port = port(broker);
            cluster = clusterId(broker);
            createTopic(broker, "orders");
            send(broker, "orders", "first");
            assertThat(readAndCommit(broker, "orders", 1)).containsExactly("first");
            send(broker, "orders", "second");
        }
        // When
        try (var occupied = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
                var broker = EmbeddedBroker.start(folder, 0)) {
            // Then
            assertThat(port(broker)).isNotEqualTo(occupied.getLocalPort());
            assertThat(clusterId(broker)).isEqualTo(cluster);
            assertThat(topics(broker)).containsExactly("orders");
            assertThat(readAndCommit(broker, "orders", 1)).containsExactly("second");
        }
    }

    @Test
    void aProducerRecoversAfterARestartOnTheSamePort() throws Exception {
        // Given
        var broker = EmbeddedBroker.start(folder, 0);
        try (var producer = producer(broker)) {
            createTopic(broker, "orders");
            producer.send(new ProducerRecord<>("orders", "before")).get(60, TimeUnit.SECONDS);
            // When
            broker.close();
            var sent = producer.send(new ProducerRecord<>("orders", "meanwhile"));
            broker = EmbeddedBroker.start(folder, port(broker));
            // Then
            assertThat(sent.get(2, TimeUnit.MINUTES).offset()).isEqualTo(1);
            assertThat(readAndCommit(broker, "orders", 2)).containsExactly("before", "meanwhile");
        } finally {
            broker.close();
        }
    }

    @Test
    void twoBrokersShareNothing() throws Exception {
        try (var one = EmbeddedBroker.start(folder.resolve("one"), 0);
                var two = EmbeddedBroker.start(folder.resolve("two"), 0)) {
            createTopic(one, "orders");
            createTopic(two, "comments");

            assertThat(clusterId(one)).isNotEqualTo(clusterId(two));
            await().untilAsserted(() -> assertThat(topics(one)).containsExactly("orders"));
            await().untilAsserted(() -> assertThat(topics(two)).containsExactly("comments"));

            one.close();
            send(two, "comments", "still here");
            assertThat(readAndCommit(two, "comments", 1)).containsExactly("still here");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void listensOnLoopbackOnly() throws Exception {
        var before = listeningSockets();
        try (var broker = EmbeddedBroker.start(folder, 0)) {
            var opened = listeningSockets();
            opened.removeAll(before);

            assertThat(opened)
                    .as("broker and controller")
                    .hasSize(2)
                    .allMatch(address ->
                            address.startsWith("0100007F:") || address.startsWith("0000000000000000FFFF00000100007F:"))
                    .anyMatch(address -> address.endsWith(String.format(":%04X", port(broker))));
        }
    }

    @Test
    void namesABusyPortAndLeavesTheFolderEmpty() throws Exception {
        try (var occupied = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> EmbeddedBroker.start(folder, occupied.getLocalPort()))
                    .withMessageContaining("127.0.0.1:" + occupied.getLocalPort())
                    .withMessageContaining("Address already in use");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void namesAnUnusableFolder() throws Exception {
        var file = Files.writeString(folder.resolve("file"), "in the way");

        assertThatIllegalStateException()
                .isThrownBy(() -> EmbeddedBroker.start(file, 0))
                .withMessageContaining(file.toString());
    }

    @Test
    void namesAFolderInUse() throws Exception {
        try (var broker = EmbeddedBroker.start(folder, 0)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> EmbeddedBroker.start(folder, 0))
                    .withMessageContaining(folder.toString())
                    .withMessageContaining("another program uses this folder");

            assertThat(topics(broker)).isEmpty();
        }
    }

    @Test
    void startFailsIfTheControllerCannotApplyItsLog() throws Exception {
        // Given
        EmbeddedBroker.start(folder, 0).close();
        appendRemovalOfAnUnknownTopic(folder.resolve("__cluster_metadata-0/00000000000000000000.log"));
        // When, Then
        assertThatIllegalStateException()
                .isThrownBy(() -> EmbeddedBroker.start(folder, 0))
                .withMessageContaining(folder.toString())
                // Two threads apply the log, and either may be first.
                .withMessageMatching(".*Kafka's (metadata loading|quorum controller) failed.*");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void closeIsIdempotentAndFreesThePort() throws Exception {
        var broker = EmbeddedBroker.start(folder, 0);
        int port = port(broker);

        broker.close();
        broker.close();

        await().until(() -> !accepts(port));
    }

    /** Appends a well-formed record that the controller cannot apply. */
    private static void appendRemovalOfAnUnknownTopic(Path log) throws IOException {
        var removal = new ApiMessageAndVersion(new RemoveTopicRecord().setTopicId(Uuid.randomUuid()), (short) 0);
        try (var records = FileRecords.open(log.toFile())) {
            var last = StreamSupport.stream(records.batches().spliterator(), false)
                    .reduce((one, next) -> next)
                    .orElseThrow();
            records.append(MemoryRecords.withRecords(
                    last.nextOffset(),
                    Compression.NONE,
                    last.partitionLeaderEpoch(),
                    new SimpleRecord(bytes(removal))));
        }
    }

    private static byte[] bytes(ApiMessageAndVersion message) {
        var serde = new MetadataRecordSerde();
        var cache = new ObjectSerializationCache();
        var buffer = ByteBuffer.allocate(serde.recordSize(message, cache));
        serde.write(message, cache, new ByteBufferAccessor(buffer));
        return buffer.array();
    }

    private static int port(EmbeddedBroker broker) {
        return URI.create("kafka://" + broker.bootstrapServers()).getPort();
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    private static String clusterId(EmbeddedBroker broker) throws Exception {
        try (var admin = admin(broker)) {
            return admin.describeCluster().clusterId().get(60, TimeUnit.SECONDS);
        }
    }

    private static Set<String> topics(EmbeddedBroker broker) throws Exception {
        try (var admin = admin(broker)) {
            return admin.listTopics().names().get(60, TimeUnit.SECONDS);
        }
    }

    private static void createTopic(EmbeddedBroker broker, String topic) throws Exception {
        try (var admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(60, TimeUnit.SECONDS);
        }
    }

    private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "delivery.timeout.ms", 120_000),
                new StringSerializer(),
                new StringSerializer());
    }

    private static void send(EmbeddedBroker broker, String topic, String value) throws Exception {
        try (var producer = producer(broker)) {
            producer.send(new ProducerRecord<>(topic, value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> readAndCommit(EmbeddedBroker broker, String topic, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                "readers",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            var values = new ArrayList<String>();
            await().until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(received -> values.add(received.value()));
                return values.size() >= count;
            });
            consumer.commitSync();
            return values;
        }
    }

    /** The local addresses on which this JVM listens, in the format of {@code /proc/net/tcp}. */
    private static Set<String> listeningSockets() throws IOException {
        Set<String> mine;
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            mine = open.map(EmbeddedBrokerIT::target).collect(Collectors.toSet());
        }
        var sockets = Stream.concat(
                Files.readAllLines(Path.of("/proc/self/net/tcp")).stream(),
                Files.readAllLines(Path.of("/proc/self/net/tcp6")).stream());
        return sockets.map(line -> line.trim().split("\\s+"))
                .filter(column -> column[3].equals("0A") && mine.contains("socket:[" + column[9] + "]"))
                .map(column -> column[1])
                .collect(Collectors.toSet());
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            // Closed meanwhile.
            return "";
        }
    }
}
