package dev.caravan.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * Orders as a Spring Boot program does them by the book: accepted over HTTP, answered once Kafka has them; consumed by a
 * batch listener, a poll in one transaction, each MessageID once, the newer state of an order. One bad record fails its
 * whole poll.
 */
@SpringBootApplication
@RestController
public class SpringPeer {

    private final JdbcTemplate jdbc;
    private final KafkaTemplate<byte[], byte[]> kafka;
    private final ObjectMapper json = new ObjectMapper();

    public SpringPeer(JdbcTemplate jdbc, KafkaTemplate<byte[], byte[]> kafka) {
        this.jdbc = jdbc;
        this.kafka = kafka;
    }

    public static void main(String[] args) {
        SpringApplication.run(SpringPeer.class, args);
    }

    @PostMapping("/order")
    public CompletableFuture<ResponseEntity<Map<String, String>>> accept(@RequestBody byte[] body) throws IOException {
        String id = json.readTree(body).get("id").textValue();
        return kafka.send("orders", id.getBytes(StandardCharsets.UTF_8), body)
                .thenApply(sent -> ResponseEntity.accepted()
                        .body(Map.of("message", "Order received successfully", "id", id)));
    }

    @KafkaListener(topics = "${peer.topic}", groupId = "spring-peer", batch = "true", autoStartup = "${peer.consumes}")
    @Transactional
    public void store(List<ConsumerRecord<byte[], byte[]>> records) throws IOException {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String messageId = text(record.headers().lastHeader("MessageID").value());
            if (jdbc.update(
                            "INSERT INTO processed_messages (message_id, record_partition, record_offset) VALUES (?, ?, ?)"
                                    + " ON CONFLICT DO NOTHING",
                            messageId,
                            record.partition(),
                            record.offset())
                    == 1) {
                store(record, json.readTree(record.value()), messageId);
            }
        }
    }

    private void store(ConsumerRecord<byte[], byte[]> record, JsonNode order, String messageId) {
        jdbc.update(
                """
                INSERT INTO orders AS o (id, user_id, total, status, placed_at, payload, message_id, record_time, record_offset)
                VALUES (?, ?, ?, ?, CAST(? AS TIMESTAMP WITH TIME ZONE), ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, total = excluded.total, status = excluded.status,
                placed_at = excluded.placed_at, payload = excluded.payload, message_id = excluded.message_id,
                record_time = excluded.record_time, record_offset = excluded.record_offset, stored_at = CURRENT_TIMESTAMP
                WHERE o.record_time < excluded.record_time
                OR (o.record_time = excluded.record_time AND o.record_offset < excluded.record_offset)
                """,
                order.get("id").textValue(),
                order.get("user_id").textValue(),
                order.get("total").decimalValue(),
                order.get("status").textValue(),
                order.get("timestamp").textValue(),
                text(record.value()),
                messageId,
                record.timestamp(),
                record.offset());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
