package dev.caravan.platform.kafka;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.Metadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds topics that were deleted and created again while a client reads them. Kafka's client keeps its position, so it
 * would skip the first records of the new topic if that already has as many as the client has read of the old one.
 *
 * <p>The client knows the topic ids but does not expose them, so this class reads a private field. In a
 * version of the client without that field it finds nothing, and a test fails.
 */
final class RecreatedTopics {

    private static final Logger LOG = LoggerFactory.getLogger(RecreatedTopics.class);

    private final Metadata metadata;
    private final Map<String, Uuid> known = new HashMap<>();

    RecreatedTopics(KafkaConsumer<?, ?> client) {
        metadata = metadata(client);
    }

    private static Metadata metadata(KafkaConsumer<?, ?> client) {
        try {
            Object delegate = value(KafkaConsumer.class, client, "delegate");
            return (Metadata) value(delegate.getClass(), delegate, "metadata");
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("This Kafka client gives no access to its topic ids", e);
            return null;
        }
    }

    private static Object value(Class<?> type, Object object, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }

    /** The topics whose id has changed since the last call. */
    Set<String> among(Collection<String> topics) {
        if (metadata == null) {
            return Set.of();
        }
        Map<String, Uuid> ids = metadata.topicIds();
        Set<String> recreated = new HashSet<>();
        for (String topic : topics) {
            Uuid now = ids.get(topic);
            Uuid before = now == null ? null : known.put(topic, now);
            if (before != null && !before.equals(now)) {
                recreated.add(topic);
            }
        }
        return recreated;
    }
}
