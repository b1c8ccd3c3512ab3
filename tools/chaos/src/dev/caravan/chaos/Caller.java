package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Expectation;
import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends messages over HTTP, or directly to Kafka, and writes each attempt and its outcome to the ledger. */
final class Caller implements AutoCloseable {

    /** Contained in every request; no record may contain it. */
    static final String SECRET = "chaos-secret-" + UUID.randomUUID();

    private static final int TIMEOUT_MILLIS = 3_600_000;

    private final Http http;
    private final Ledger ledger;
    private final KafkaProducer<byte[], byte[]> foreign;
    private final Queue<Cut> cuts = new ConcurrentLinkedQueue<>();
    private volatile int trial;

    /** A request whose connection ended without an answer. */
    record Cut(String messageId, long startedAt, long endedAt) {}

    Caller(Testbed testbed, Ledger ledger) {
        this.http = testbed.http();
        this.ledger = ledger;
        this.foreign = new KafkaProducer<>(
                // Waits while the broker is unavailable, so the outcome is known.
                Map.<String, Object>of(
                        "bootstrap.servers",
                        testbed.brokers(),
                        "acks",
                        "all",
                        "max.block.ms",
                        TIMEOUT_MILLIS,
                        "delivery.timeout.ms",
                        TIMEOUT_MILLIS),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Sets the trial of later attempts. */
    void trial(int number) {
        trial = number;
    }

    List<Cut> cuts() {
        return List.copyOf(cuts);
    }

    Outcome attempt(Message message) {
        long startedAt = System.currentTimeMillis();
        int status = 0;
        Outcome outcome = Outcome.INFO;
        try {
            Answer answer = http.send(
                    "POST",
                    message.path(),
                    message.body(),
                    Map.of(
                            "Content-Type",
                            message.type(),
                            message.idHeader(),
                            message.messageId(),
                            "Authorization",
                            "Bearer " + SECRET,
                            "Cookie",
                            "session=" + SECRET));
            status = answer.status();
            outcome = outcome(status);
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof ConnectException)) {
                cuts.add(new Cut(message.messageId(), startedAt, System.currentTimeMillis()));
            }
        }
        ledger.add(new Attempt(
                message.messageId(),
                message.topic(),
                message.key(),
                message.content(),
                null,
                message.expectation(),
                outcome,
                status,
                trial,
                message.lane(),
                message.sequence(),
                startedAt,
                System.currentTimeMillis()));
        return outcome;
    }

    /** An invalid request had no effect. For a server error or a request that is still running, the outcome is unknown. */
    private static Outcome outcome(int status) {
        if (status < 300) {
            return Outcome.OK;
        }
        return status < 500 && status != 409 && status != 429 ? Outcome.FAIL : Outcome.INFO;
    }

    /**
     * Writes a record directly to Kafka.
     *
     * @param id the MessageID; without one (null), the record is identified by its position, or, if that is unknown, by the header
     *     {@value Checker#OWN}
     */
    void poison(String id, String topic, String key, byte[] value, int lane, long sequence) {
        String own = UUID.randomUUID().toString();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, bytes(key), value);
        record.headers().add(Checker.OWN, bytes(own));
        if (id != null) {
            record.headers().add("MessageID", bytes(id));
        }
        long startedAt = System.currentTimeMillis();
        String name = id == null ? own : id;
        Outcome outcome = Outcome.INFO;
        try {
            var written = foreign.send(record).get();
            outcome = Outcome.OK;
            if (id == null) {
                name = topic + "/" + written.partition() + "/" + written.offset() + "/" + written.timestamp();
            }
        } catch (ExecutionException e) {
            // A broker that cannot write to its disk may still have the record.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ledger.add(new Attempt(
                name,
                topic,
                key,
                null,
                value,
                Expectation.DEAD_LETTER,
                outcome,
                0,
                trial,
                lane,
                sequence,
                startedAt,
                System.currentTimeMillis()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        foreign.close();
    }
}
