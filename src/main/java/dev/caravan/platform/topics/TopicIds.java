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
 * The ids that Kafka gives topics. One that is deleted and created again has another id, and its offsets begin at 0
 * again.
 *
 * <p>Kafka is asked when a partition is read for the first time and when its offsets go back, so a steady reader never
 * waits for that.
 */
public final class TopicIds extends ContextBean {

    private static final Logger LOG = LoggerFactory.getLogger(TopicIds.class);
    private static final int TIMEOUT_MILLIS = 4_000;
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** {@code text} is null where Kafka did not say it. */
    private record Id(String text, long askedAt) {}

    private final Map<String, Id> ids = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> read = new ConcurrentHashMap<>();

    /** Of the topic that a record was just read from; empty when Kafka does not say it. */
    public Optional<String> of(String topic, int partition, long offset) {
        Long last = read.put(new TopicPartition(topic, partition), offset);
        Id known = ids.get(topic);
        return last != null && last < offset && known != null ? Optional.ofNullable(known.text()) : ask(topic);
    }

    /** Of the topic as it is now, not more than a second ago; empty when Kafka does not say it. */
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
            LOG.debug("The id of the topic {} is not known", topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ids.put(topic, new Id(text, System.nanoTime()));
        return Optional.ofNullable(text);
    }
}
