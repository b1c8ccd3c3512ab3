package dev.caravan.topics;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics that are missing, as soon as Kafka can be reached: at once, or after 1, 2, 4, … at most 30 seconds,
 * saying each time what it waits for. A topic that exists stays as it is.
 */
public final class TopicCreation implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TopicCreation.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int REQUEST_MILLIS = 5_000;

    private final CountDownLatch tried = new CountDownLatch(1);
    private final CamelContext context;
    private final Collection<String> topics;
    private final int partitions;
    private final int replication;
    private final Thread thread = new Thread(this, "caravan-topics");

    public TopicCreation(CamelContext context, Collection<String> topics, int partitions, int replication) {
        this.context = context;
        this.topics = topics;
        this.partitions = partitions;
        this.replication = replication;
        thread.setDaemon(true);
    }

    /** Starts it, and waits for the first attempt so that a broker that is there has the topics before they are read. */
    public void start() throws InterruptedException {
        thread.start();
        tried.await(REQUEST_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        Duration pause = FIRST_PAUSE;
        try {
            while (!create(pause)) {
                tried.countDown();
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tried.countDown();
    }

    private boolean create(Duration pause) throws InterruptedException {
        KafkaConfiguration configuration =
                context.getComponent("kafka", KafkaComponent.class).getConfiguration();
        try (Admin admin = Admin.create(properties(configuration))) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = topics.stream()
                    .filter(topic -> !existing.contains(topic))
                    .map(topic -> new NewTopic(topic, Optional.of(partitions), replication()))
                    .toList();
            if (!missing.isEmpty()) {
                admin.createTopics(missing).all().get();
                LOG.info("Created {} topics of {} partitions", missing.size(), partitions);
            }
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            waiting(configuration, pause, e.getCause());
        } catch (RuntimeException e) {
            waiting(configuration, pause, e.getCause() == null ? e : e.getCause());
        }
        return false;
    }

    private static void waiting(KafkaConfiguration configuration, Duration pause, Throwable cause) {
        LOG.warn("Waiting for Kafka at {}, again in {} s: {}", configuration.getBrokers(), pause.toSeconds(), cause.getMessage());
    }

    private Optional<Short> replication() {
        return replication < 0 ? Optional.empty() : Optional.of((short) replication);
    }

    private static Properties properties(KafkaConfiguration configuration) {
        // The producer's, because they hold how to speak to the brokers; what is not for an admin client is ignored.
        Properties properties = configuration.createProducerProperties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, configuration.getBrokers());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS - 1_000);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MILLIS - 1_000);
        return properties;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
