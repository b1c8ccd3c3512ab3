package dev.caravan.operations.metrics;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Counters;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.TopicCreation;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Service;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gauges of the backlog in Kafka: the lag of each consumer's group, even while the consumer does not run, the age of the
 * oldest record in each retry topic, and the size of each dead-letter topic. All instances report the same values.
 *
 * <p>A separate thread reads the values from Kafka. Scrapes never wait, and values are at most one interval old. While
 * Kafka does not answer, the gauges are absent instead of outdated.
 */
public final class ConsumerLag extends ContextBean implements Service {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerLag.class);
    private static final int TIMEOUT_MILLIS = 4_000;
    private static final long FIRST_DELAY_MILLIS = 1_000;
    private static final long STOP_MILLIS = 2_000;

    /** A consumer group, one of its topics, and the consumer of its records. */
    private record GroupTopic(String group, String topic, TopicConsumer consumer) {}

    private final RateLimitedLogger log = new RateLimitedLogger();
    private long intervalMillis;
    private ScheduledExecutorService reads;
    private LabelledGauges lag;
    private LabelledGauges oldest;
    private LabelledGauges deadLetters;
    private Admin admin;
    private OldestRecords oldestRecords;

    @Override
    public void start() {
        MeterRegistry registry = bean(MeterRegistry.class);
        lag = new LabelledGauges(registry, "caravan.consumer.lag.records", "Records that a group has not committed");
        oldest = new LabelledGauges(
                registry, "caravan.retry.oldest.seconds", "Age of the oldest record that waits in a retry topic");
        deadLetters = new LabelledGauges(registry, "caravan.dead.letter.records", "Records in a dead-letter topic");
        reads = getCamelContext().getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "caravan-backlog");
        // Not at once, because it would delay the start.
        reads.scheduleWithFixedDelay(
                new RepeatedTask("The read of the backlog", LOG, this::update),
                Math.min(intervalMillis, FIRST_DELAY_MILLIS),
                intervalMillis,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        if (reads == null) {
            return;
        }
        reads.shutdownNow();
        try {
            if (reads.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
                closeClients();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeClients() {
        if (oldestRecords != null) {
            oldestRecords.close();
        }
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }

    public void setInterval(String duration) {
        intervalMillis = Durations.millis(duration);
    }

    /** The groups of the current routes, which edits may change. */
    private Set<GroupTopic> groupTopics() {
        return getCamelContext().getRoutes().stream()
                .map(route -> route.getEndpoint())
                .filter(KafkaEndpoint.class::isInstance)
                .map(endpoint -> ((KafkaEndpoint) endpoint).getConfiguration())
                .filter(kafka -> kafka.getGroupId() != null && !kafka.isTopicIsPattern())
                .flatMap(kafka -> Stream.of(kafka.getTopic().split(","))
                        .map(topic -> new GroupTopic(
                                kafka.getGroupId(),
                                topic,
                                bean(Topics.class)
                                        .source(topic, kafka.getGroupId(), null)
                                        .consumer())))
                .collect(Collectors.toSet());
    }

    private void update() throws InterruptedException {
        try {
            Set<GroupTopic> groupTopics = groupTopics();
            List<TopicConsumer> consumers = bean(Topics.class).consumers().all();
            Set<String> topics =
                    consumers.stream().map(TopicConsumer::dlq).collect(Collectors.toCollection(HashSet::new));
            groupTopics.forEach(groupTopic -> topics.add(groupTopic.topic()));
            Offsets offsets = Offsets.read(
                    admin(), groupTopics.stream().map(GroupTopic::group).collect(Collectors.toSet()), topics);
            Map<Tags, DoubleSupplier> ages = ages(groupTopics, offsets);
            lag.set(lags(groupTopics, offsets));
            oldest.set(ages);
            deadLetters.set(records(consumers, offsets));
        } catch (InterruptException e) {
            LOG.debug("The read of the backlog was interrupted", e);
        } catch (ExecutionException | RuntimeException | Error e) {
            Stream.of(lag, oldest, deadLetters).forEach(gauges -> gauges.set(Map.of()));
            log.warn(LOG, "kafka", "The backlog in Kafka is unknown: {}", ErrorText.line(e));
        }
    }

    private Map<Tags, DoubleSupplier> lags(Collection<GroupTopic> groupTopics, Offsets offsets) {
        Map<Tags, DoubleSupplier> lags = new HashMap<>();
        for (GroupTopic groupTopic : groupTopics) {
            offsets.of(groupTopic.topic()).forEach(partition -> {
                long records = offsets.lag(groupTopic.group(), partition);
                lags.put(
                        Counters.consumer(groupTopic.topic(), groupTopic.consumer())
                                .and("group", groupTopic.group())
                                .and("partition", Integer.toString(partition.partition())),
                        () -> records);
            });
        }
        return lags;
    }

    private Map<Tags, DoubleSupplier> records(Collection<TopicConsumer> consumers, Offsets offsets) {
        Map<Tags, DoubleSupplier> records = new HashMap<>();
        for (TopicConsumer consumer : consumers) {
            String topic = consumer.dlq();
            long count = offsets.records(topic);
            if (offsets.of(topic).findAny().isPresent()) {
                records.put(Counters.consumer(topic, consumer), () -> count);
            }
        }
        return records;
    }

    /** Ages grow also between two reads. */
    private Map<Tags, DoubleSupplier> ages(Collection<GroupTopic> groupTopics, Offsets offsets) {
        Map<Tags, Map<TopicPartition, Long>> waiting = new HashMap<>();
        for (GroupTopic groupTopic : groupTopics) {
            if (Topics.level(groupTopic.topic()) > 0) {
                Map<TopicPartition, Long> next = waiting.computeIfAbsent(
                        Counters.consumer(groupTopic.topic(), groupTopic.consumer()), any -> new HashMap<>());
                offsets.of(groupTopic.topic())
                        .filter(partition -> offsets.lag(groupTopic.group(), partition) > 0)
                        .forEach(partition ->
                                next.merge(partition, offsets.next(groupTopic.group(), partition), Math::min));
            }
        }
        Map<TopicPartition, Long> heads = new HashMap<>();
        waiting.values().forEach(heads::putAll);
        Map<TopicPartition, Long> written =
                heads.isEmpty() ? Map.of() : oldestRecords().timestamps(heads);
        Map<Tags, DoubleSupplier> ages = new HashMap<>();
        waiting.forEach((tags, next) -> {
            if (next.isEmpty()) {
                ages.put(tags, () -> 0);
            }
            next.keySet().stream()
                    .filter(written::containsKey)
                    .mapToLong(written::get)
                    .min()
                    .ifPresent(
                            oldest -> ages.put(tags, () -> Math.max(0, System.currentTimeMillis() - oldest) / 1000.0));
        });
        return ages;
    }

    private Admin admin() {
        if (admin == null) {
            admin = Admin.create(client());
        }
        return admin;
    }

    private OldestRecords oldestRecords() {
        if (oldestRecords == null) {
            oldestRecords = new OldestRecords(client());
        }
        return oldestRecords;
    }

    private Properties client() {
        KafkaConfiguration kafka =
                getCamelContext().getComponent("kafka", KafkaComponent.class).getConfiguration();
        return TopicCreation.adminProperties(kafka, TIMEOUT_MILLIS);
    }
}
