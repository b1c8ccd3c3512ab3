package dev.caravan.platform.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates missing topics; existing ones are not changed. */
public final class TopicCreation {

    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);
    private static final int TIMEOUT_MILLIS = 4_000;

    private TopicCreation() {}

    /**
     * Settings of new topics.
     *
     * @param replication -1 for the brokers' default
     * @param maxBytes maximum size of a record
     * @param ladderMaxBytes maximum size on retry and dead-letter topics, which must accept every record of the topic
     *     itself
     * @param retention time after which Kafka deletes records
     */
    public record Layout(int partitions, int replication, int maxBytes, int ladderMaxBytes, Duration retention) {

        /** Kafka deletes whole segments, so a record may stay for up to a twelfth longer. */
        private static final int SEGMENTS = 12;

        private NewTopic topic(String name) {
            int bytes = Topics.isLadder(name) ? ladderMaxBytes : maxBytes;
            return new NewTopic(
                            name,
                            Optional.of(partitions),
                            replication < 0 ? Optional.empty() : Optional.of((short) replication))
                    .configs(Map.of(
                            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                            Integer.toString(bytes),
                            // The brokers' clock decides a record's age, not the sender's.
                            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                            TimestampType.LOG_APPEND_TIME.name,
                            TopicConfig.RETENTION_MS_CONFIG,
                            Long.toString(retention.toMillis()),
                            TopicConfig.SEGMENT_MS_CONFIG,
                            Long.toString(retention.toMillis() / SEGMENTS)));
        }
    }

    /** @throws ExecutionException if Kafka is unavailable or rejects the request */
    public static void create(KafkaConfiguration kafka, Map<Layout, Collection<String>> topics)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(adminProperties(kafka, TIMEOUT_MILLIS))) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = topics.entrySet().stream()
                    .flatMap(each -> each.getValue().stream()
                            .filter(topic -> !existing.contains(topic))
                            .map(each.getKey()::topic))
                    .toList();
            for (KafkaFuture<Void> creation :
                    admin.createTopics(missing).values().values()) {
                try {
                    creation.get();
                } catch (ExecutionException e) {
                    // Another instance that starts at the same time may have created the topic.
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw e;
                    }
                }
            }
            if (!missing.isEmpty()) {
                LOG.info("Created {} topics", missing.size());
            }
        }
    }

    /** Admin client properties with the program's connection settings. */
    public static Properties adminProperties(KafkaConfiguration kafka, int timeoutMillis) {
        // The producer's properties include the connection settings; an admin client ignores the rest.
        Properties properties = kafka.createProducerProperties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.getBrokers());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis);
        return properties;
    }
}
