package dev.caravan.platform.sse;

import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.topics.TopicCreation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the streams of other processes through a topic. A record has the path and key of the streams; each process reads
 * from the end of the topic, without a group. Wake-ups may be lost, and callers never wait. One thread writes queued
 * wake-ups, each key once even if it is queued repeatedly; another thread reads.
 */
final class WakeUps implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WakeUps.class);
    private static final String SENDER = "instance";
    private static final int MAX_QUEUED = 100_000;
    private static final int REQUEST_MILLIS = 2_000;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofMillis(500);
    private static final long PAUSE_MILLIS = 1_000;

    private record WakeUp(String path, String key) {}

    private final String topic;
    private final Properties brokers;
    private final BiConsumer<String, String> wake;
    private final byte[] instance = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
    private final Set<WakeUp> queued = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<WakeUp> queue = new LinkedBlockingQueue<>();
    private final RateLimitedLogger log = new RateLimitedLogger();
    private final List<Thread> threads;
    private volatile boolean closed;

    private WakeUps(String topic, Properties brokers, BiConsumer<String, String> wake) {
        this.topic = topic;
        this.brokers = brokers;
        this.wake = wake;
        threads = topic.isEmpty()
                ? List.of()
                : List.of(thread("caravan-wakeups-write", this::write), thread("caravan-wakeups-read", this::read));
        threads.forEach(Thread::start);
    }

    /**
     * @param topic empty if no other process uses the same database
     * @param wake called with the path and key that another process has changed
     */
    static WakeUps of(CamelContext context, String topic, BiConsumer<String, String> wake) {
        Properties brokers = topic.isEmpty()
                ? new Properties()
                : TopicCreation.adminProperties(
                        context.getComponent("kafka", KafkaComponent.class).getConfiguration(), REQUEST_MILLIS);
        return new WakeUps(topic, brokers, wake);
    }

    /** Uses a Kafka client until this is closed or the client fails. */
    private interface Client {
        void run() throws InterruptedException;
    }

    private Thread thread(String name, Client client) {
        Thread thread = new Thread(() -> keepRunning(client), name);
        thread.setDaemon(true);
        return thread;
    }

    private void keepRunning(Client client) {
        try {
            while (!closed) {
                try {
                    client.run();
                } catch (InterruptException e) {
                    return;
                } catch (KafkaException e) {
                    warn(e);
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void send(String path, String key) {
        if (threads.isEmpty()) {
            return;
        }
        WakeUp each = new WakeUp(path, key);
        if (queued.size() < MAX_QUEUED && queued.add(each)) {
            queue.add(each);
        }
    }

    private void write() throws InterruptedException {
        Properties properties = new Properties();
        properties.putAll(brokers);
        properties.put(ProducerConfig.ACKS_CONFIG, "1");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "caravan-wakeups");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            while (!closed) {
                WakeUp next = queue.take();
                queued.remove(next);
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                        topic,
                        next.key().getBytes(StandardCharsets.UTF_8),
                        next.path().getBytes(StandardCharsets.UTF_8));
                record.headers().add(SENDER, instance);
                producer.send(record, (done, failure) -> {
                    if (failure != null) {
                        warn(failure);
                    }
                });
            }
        }
    }

    private void read() throws InterruptedException {
        Properties properties = new Properties();
        properties.putAll(brokers);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis());
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "caravan-wakeups");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                // The topic is created when the routes start.
                Thread.sleep(PAUSE_MILLIS);
                return;
            }
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            while (!closed) {
                poll(consumer);
            }
        }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.poll(POLL).forEach(this::wake);
        } catch (InterruptException e) {
            // A client of an interrupted thread cannot be closed without an error.
            Thread.interrupted();
        }
    }

    private void wake(ConsumerRecord<byte[], byte[]> record) {
        Header sender = record.headers().lastHeader(SENDER);
        boolean own = sender != null && Arrays.equals(sender.value(), instance);
        if (!own && record.key() != null && record.value() != null) {
            wake.accept(
                    new String(record.value(), StandardCharsets.UTF_8),
                    new String(record.key(), StandardCharsets.UTF_8));
        }
    }

    private void warn(Exception failure) {
        log.warn(
                LOG,
                failure.getClass().getName(),
                "Could not use topic {}; events from other processes are up to 2 s late: {}",
                topic,
                failure.toString());
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(CLOSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
