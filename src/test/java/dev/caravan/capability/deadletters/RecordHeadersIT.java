package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The headers of a record in retry topics, dead-letter topic, index and replay. */
@ExtendWith(CaravanExtension.class)
class RecordHeadersIT {

    private static final Set<String> OURS = Set.of("MessageID", "replay-count", "caravan-consumer");

    private final String id = UUID.randomUUID().toString();

    @Test
    void headersStayUnchangedThroughRetriesAndReplay(Program program) {
        List<Header> own = new ArrayList<>(List.of(
                header("a", "1"),
                header("b", "x"),
                header("a", "2"),
                header("A", "3"),
                header("messageid", "not the name"),
                new RecordHeader("MessageID", bytes(id)),
                new RecordHeader("nul", (byte[]) null),
                new RecordHeader("empty", new byte[0]),
                new RecordHeader("bin", new byte[] {(byte) 0xff, 0, (byte) 0xfe}),
                header("Authorization", "of a foreign program"),
                header("Grüße, 世界", "\0 and \n")));
        Random random = new Random(id.hashCode());
        for (int i = 0; i < 200; i++) {
            byte[] value = new byte[random.nextInt(40)];
            random.nextBytes(value);
            own.add(new RecordHeader("r" + random.nextInt(20), value));
        }
        // The last header of any case counts.
        own.add(new RecordHeader("MessageID", bytes(id)));
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", program.records().brokers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("flaky", null, bytes(id), bytes(id + " 28"), own));
        }

        JsonNode letter = await().until(
                        () -> program.http()
                                .get("/api/v1/dead-letters?key=" + id)
                                .json()
                                .at("/items/0"),
                        found -> !found.isMissingNode());
        JsonNode shown = program.http()
                .get("/api/v1/dead-letters/" + letter.path("id"))
                .json()
                .path("headers");
        assertThat(shown.path("a")).hasToString("[\"1\",\"2\"]");
        assertThat(shown.path("A").asText()).isEqualTo("3");
        assertThat(shown.path("nul").isNull()).isTrue();
        assertThat(shown.at("/bin/base64").asText()).isEqualTo("/wD+");
        assertThat(program.http()
                        .postJson("/api/v1/dead-letters/" + letter.path("id") + "/replay", "")
                        .status())
                .isEqualTo(202);
        await().until(() -> records(program, "flaky-dlq").size() == 2);

        List<Header> expected = ofOthers(own);
        for (String topic : List.of("flaky", "flaky-retry-1", "flaky-retry-2", "flaky-retry-3", "flaky-dlq")) {
            List<ConsumerRecord<byte[], byte[]>> records = records(program, topic);
            assertThat(records).as(topic).hasSize(topic.equals("flaky") ? 1 : 2).allSatisfy(record -> assertThat(
                            ofOthers(List.of(record.headers().toArray())))
                    .as(topic)
                    .isEqualTo(expected));
        }
    }

    private static List<Header> ofOthers(List<Header> headers) {
        return headers.stream()
                .filter(header -> !OURS.contains(header.key())
                        && Stream.of("dead-letter-", "delayed-retry-")
                                .noneMatch(prefix -> header.key().startsWith(prefix)))
                .toList();
    }

    private List<ConsumerRecord<byte[], byte[]>> records(Program program, String topic) {
        return program.records().raw(topic).stream()
                .filter(record -> record.key() != null && new String(record.key(), StandardCharsets.UTF_8).equals(id))
                .toList();
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
