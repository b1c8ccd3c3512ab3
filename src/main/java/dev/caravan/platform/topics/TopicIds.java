package dev.caravan.platform.topics;

import dev.caravan.platform.context.ContextBean;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's topic ids. A topic that is deleted and created again has a new id, and its offsets start at 0.
 *
 * <p>Asks Kafka only when a partition is read for the first time or its offsets go back, so a steady consumer never
 * waits for it.
 */
public final class TopicIds extends ContextBean {

    private static final Logger LOG = LoggerFactory.getLogger(TopicIds.class);
    private static final int TIMEOUT_MILLIS = 4_000;
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** @param text null if Kafka did not answer */
    private record Id(String text, long askedAt) {}

    private final Map<String, Id> ids = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> read = new ConcurrentHashMap<>();

    /** The id of the topic that a record was just read from; empty if Kafka does not answer. */
    public Optional<String> of(String topic, int partition, long offset) {
        Long last = read.put(new TopicPartition(topic, partition), offset);
        Id known = ids.get(topic);
        return last != null && last < offset && known != null ? Optional.ofNullable(known.text()) : ask(topic);
    }

    /** The topic's current id, at most one second old; empty if Kafka does not answer. */
    public Optional<String> current(String topic) {
        Id known = ids.get(topic);
        return known != null && System.nanoTime() - known.askedAt() < FRESH_NANOS
                ? Optional.ofNullable(known.text())
                : ask(topic);
    }

    private Optional<String> ask(String topic) {
        String text = null;
        try (Admin admin = Admin.create(TopicCreation.adminProperties(
                getCamelContext().getComponent("kafka", KafkaComponent.class).getConfiguration(), TIMEOUT_MILLIS))) {
            text = admin.describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get()
                    .topicId()
                    .toString();
        } catch (ExecutionException | KafkaException e) {
            LOG.debug("Could not read the id of topic {}", topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ids.put(topic, new Id(text, System.nanoTime()));
        return Optional.ofNullable(text);
    }
}
