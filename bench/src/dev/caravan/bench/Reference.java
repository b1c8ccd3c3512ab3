package dev.caravan.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.zaxxer.hikari.HikariDataSource;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The limit: the minimum work on this JVM for the same HTTP answers, records and rows, with Caravan's libraries. It has no validation,
 * logging, metrics, retries or error handling: a failed poll ends it.
 */
public final class Reference {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Reference() {}

    /** Arguments: brokers, database, port, then {@code http}, or {@code consume}, the kind of records and the topic. */
    public static void main(String[] args) throws Exception {
        HikariDataSource database = Testbed.pool(args[1]);
        if (args[3].equals("http")) {
            serve(args[0], database, Integer.parseInt(args[2]));
        } else {
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(false);
                Rows rows = args[4].equals("orders")
                        ? orders(connection)
                        : args[4].equals("notifications") ? notifications(connection) : null;
                consume(args[0], args[5], "limit-" + args[4], connection, rows);
            }
        }
    }

    // --- HTTP: read the key, publish, answer when the broker has acknowledged ---

    private static void serve(String brokers, HikariDataSource database, int port) {
        Map<String, Object> settings = Map.of("bootstrap.servers", brokers, "acks", "all", "linger.ms", 0);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        // One event loop per core.
        DeploymentOptions options =
                new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
        Vertx.vertx().deployVerticle(() -> new Server(producer, database, port), options);
    }

    private static final class Server extends AbstractVerticle {
        private final KafkaProducer<byte[], byte[]> producer;
        private final HikariDataSource database;
        private final int port;

        Server(KafkaProducer<byte[], byte[]> producer, HikariDataSource database, int port) {
            this.producer = producer;
            this.database = database;
            this.port = port;
        }

        @Override
        public void start() {
            vertx.createHttpServer()
                    .requestHandler(request -> {
                        if (request.method() == HttpMethod.POST) {
                            request.bodyHandler(body -> publish(request, body.getBytes()));
                        } else {
                            read(request);
                        }
                    })
                    .listen(port, "127.0.0.1");
        }

        private void publish(HttpServerRequest request, byte[] body) {
            try {
                String id = JSON.readTree(body).get("id").textValue();
                Context loop = vertx.getOrCreateContext();
                producer.send(
                        new ProducerRecord<>("orders", id.getBytes(StandardCharsets.UTF_8), body),
                        (metadata, failure) -> loop.runOnContext(done -> answer(
                                request,
                                failure == null ? 202 : 500,
                                Buffer.buffer("{\"message\":\"Order received successfully\",\"id\":\"" + id + "\"}"))));
            } catch (Exception e) {
                answer(request, 400, Buffer.buffer("{}"));
            }
        }

        private void read(HttpServerRequest request) {
            long user = Long.parseLong(request.path().substring("/notifications/".length()));
            vertx.executeBlocking(() -> Buffer.buffer(inbox(user)), false)
                    .onComplete(done -> answer(request, done.succeeded() ? 200 : 500, done.result()));
        }

        private byte[] inbox(long user) throws Exception {
            var inbox = JSON.createObjectNode();
            ArrayNode notifications = inbox.putArray("notifications");
            try (Connection connection = database.getConnection();
                    PreparedStatement select = connection.prepareStatement(
                            "SELECT seq, from_id, from_name, to_name, message, created_at, read_at FROM notifications"
                                    + " WHERE user_id = ? AND seq > ? AND (read_at IS NULL OR NOT ?) ORDER BY user_id, seq LIMIT ?")) {
                set(select, user, 0, false, 1001);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        var item = notifications.addObject();
                        item.putObject("from").put("id", row.getLong(2)).put("name", row.getString(3));
                        item.putObject("to").put("id", user).put("name", row.getString(4));
                        item.put("message", row.getString(5));
                    }
                }
            }
            return JSON.writeValueAsBytes(inbox);
        }

        private static void answer(HttpServerRequest request, int status, Buffer body) {
            request.response().setStatusCode(status).putHeader("Content-Type", "application/json");
            request.response().end(body == null ? Buffer.buffer() : body);
        }
    }

    // --- Kafka: poll, parse, write one SQL transaction per poll, commit the offsets ---

    /** Writes the effect of a record in the transaction of its poll. */
    private interface Rows {
        void write(ConsumerRecord<byte[], byte[]> record, JsonNode value, String messageId) throws SQLException;
    }

    /** @param rows null for no effect, without any SQL */
    private static void consume(String brokers, String topic, String group, Connection connection, Rows rows)
            throws Exception {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                brokers,
                "group.id",
                group,
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest",
                // As in Caravan: with Kafka's default of 500 ms, the last busy partition mostly waits for idle ones.
                "fetch.max.wait.ms",
                100);
        PreparedStatement dedupe = connection.prepareStatement(
                "INSERT INTO processed_messages (consumer, topic, message_id, record_partition, record_offset, record_key,"
                        + " published_at, processed_by) VALUES (?, ?, ?, ?, ?, ?, ?, 'limit') ON CONFLICT DO NOTHING");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    JsonNode value = JSON.readTree(record.value());
                    String messageId =
                            text(record.headers().lastHeader("MessageID").value());
                    if (rows != null && isNew(record, messageId, dedupe)) {
                        rows.write(record, value, messageId);
                    }
                }
                if (!records.isEmpty()) {
                    if (rows != null) {
                        connection.commit();
                    }
                    consumer.commitSync();
                }
            }
        }
    }

    private static boolean isNew(ConsumerRecord<byte[], byte[]> record, String messageId, PreparedStatement dedupe)
            throws SQLException {
        return set(
                                dedupe,
                                record.topic(),
                                record.topic(),
                                messageId,
                                record.partition(),
                                record.offset(),
                                text(record.key()),
                                new Timestamp(record.timestamp()))
                        .executeUpdate()
                == 1;
    }

    private static Rows orders(Connection connection) throws SQLException {
        PreparedStatement merge = connection.prepareStatement(
                """
                MERGE INTO orders o USING (SELECT CAST(? AS VARCHAR) AS id, CAST(? AS VARCHAR) AS user_id,
                CAST(? AS NUMERIC(38, 10)) AS total, CAST(? AS VARCHAR) AS status,
                CAST(? AS TIMESTAMP WITH TIME ZONE) AS placed_at, CAST(? AS VARCHAR) AS payload,
                CAST(? AS VARCHAR) AS message_id, CAST(? AS BIGINT) AS record_time, CAST(? AS BIGINT) AS record_offset) n
                ON o.id = n.id
                WHEN MATCHED AND (o.record_time < n.record_time
                OR (o.record_time = n.record_time AND o.record_offset < n.record_offset)) THEN UPDATE SET
                user_id = n.user_id, total = n.total, status = n.status, placed_at = n.placed_at, payload = n.payload,
                message_id = n.message_id, record_time = n.record_time, record_offset = n.record_offset,
                stored_at = CURRENT_TIMESTAMP
                WHEN NOT MATCHED THEN INSERT
                (id, user_id, total, status, placed_at, payload, message_id, record_time, record_offset)
                VALUES (n.id, n.user_id, n.total, n.status, n.placed_at, n.payload, n.message_id, n.record_time,
                n.record_offset)
                """);
        return (record, order, messageId) -> set(
                        merge,
                        order.get("id").textValue(),
                        order.get("user_id").textValue(),
                        order.get("total").decimalValue(),
                        order.get("status").textValue(),
                        order.get("timestamp").textValue(),
                        text(record.value()),
                        messageId,
                        record.timestamp(),
                        record.offset())
                .executeUpdate();
    }

    private static Rows notifications(Connection connection) throws SQLException {
        PreparedStatement add = connection.prepareStatement(
                "INSERT INTO notifications (user_id, from_id, from_name, to_name, message, message_id, seq)"
                        + " VALUES (?, ?, ?, ?, ?, ?, (SELECT seq FROM inboxes WHERE user_id = ?))");
        PreparedStatement count = connection.prepareStatement(
                "UPDATE inboxes SET total = total + 1, unread = unread + 1, seq = seq + 1 WHERE user_id = ?");
        PreparedStatement create =
                connection.prepareStatement("INSERT INTO inboxes (user_id, total, unread, seq) VALUES (?, 1, 1, 1)");
        return (record, notification, messageId) -> {
            long user = notification.at("/to/id").longValue();
            if (set(count, user).executeUpdate() == 0) {
                set(create, user).executeUpdate();
            }
            set(
                            add,
                            user,
                            notification.at("/from/id").longValue(),
                            notification.at("/from/name").textValue(),
                            notification.at("/to/name").textValue(),
                            notification.get("message").textValue(),
                            messageId,
                            user)
                    .executeUpdate();
        };
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static PreparedStatement set(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
