package dev.caravan.platform.kafka;

import dev.caravan.platform.edge.RawHeaders;
import io.vertx.core.Context;
import java.util.Collection;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.header.Header;

/**
 * A producer whose {@link #send(ProducerRecord, Callback)} never blocks an event loop. Until a topic has accepted its
 * first record, its records are sent from a background thread, because the client blocks until it knows the topic's
 * partitions.
 *
 * <p>On an event loop a record fails at once with a {@link BufferExhaustedException} if records in flight take half of
 * {@code buffer.memory}, or less than a quarter of it is free. Any other thread waits for memory, at most
 * {@code max.block.ms}.
 */
final class NonBlockingProducer extends KafkaProducer<Object, Object> {

    private static final int KEEP_SECONDS = 10;
    private static final long DEFAULT_MEMORY = 32 << 20;
    private static final int CLOSED = Integer.MIN_VALUE;

    private final Set<String> knownTopics = ConcurrentHashMap.newKeySet();
    private final ExecutorService firstSends = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "caravan-first-send");
        thread.setDaemon(true);
        return thread;
    });

    private final BooleanSupplier stopping;
    private final AtomicLong bytesInFlight = new AtomicLong();
    private final long maxInFlight;
    private final long minFree;
    private final Metric free;
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * Its creator is its first user.
     *
     * @param stopping whether the program is stopping, so that no user follows the last one
     */
    NonBlockingProducer(Properties properties, BooleanSupplier stopping) {
        super(properties);
        this.stopping = stopping;
        long memory = Long.parseLong(properties
                .getOrDefault(ProducerConfig.BUFFER_MEMORY_CONFIG, DEFAULT_MEMORY)
                .toString());
        maxInFlight = memory / 2;
        minFree = memory / 4;
        free = metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("buffer-available-bytes"))
                .findFirst()
                .orElseThrow();
    }

    /** Looks up the partitions of these topics in the background, so that the first caller does not wait for it. */
    void lookUp(Collection<String> topics) {
        firstSends.execute(() -> {
            try {
                for (String topic : topics) {
                    partitionsFor(topic);
                    knownTopics.add(topic);
                }
            } catch (KafkaException e) {
                // Kafka is unavailable: the first send to the topic looks it up.
            }
        });
    }

    /** Adds a user, which must close the producer; false if it is already closed. */
    boolean use() {
        return users.getAndUpdate(count -> count == CLOSED ? CLOSED : count + 1) != CLOSED;
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<Object, Object> record, Callback callback) {
        RawHeaders.restore(record.headers());
        // A caller without a callback blocks on the future anyway.
        if (callback == null) {
            return super.send(record, null);
        }
        long bytes = bytes(record);
        if (Context.isOnEventLoopThread() && isFull(bytes)) {
            BufferExhaustedException full = new BufferExhaustedException(
                    "The producer's buffer is full: too many bytes are in flight to Kafka.");
            callback.onCompletion(null, full);
            return CompletableFuture.failedFuture(full);
        }
        bytesInFlight.addAndGet(bytes);
        Callback releasing = (metadata, failure) -> {
            bytesInFlight.addAndGet(-bytes);
            callback.onCompletion(metadata, failure);
        };
        return knownTopics.contains(record.topic())
                ? sendOrReport(record, releasing)
                : sendInBackground(record, releasing);
    }

    /** Always accepts a single record, regardless of its size. */
    private boolean isFull(long bytes) {
        long before = bytesInFlight.get();
        return before > 0 && before + bytes > maxInFlight || ((Number) free.metricValue()).longValue() < minFree;
    }

    private static long bytes(ProducerRecord<Object, Object> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(Object bytes) {
        return bytes instanceof byte[] array ? array.length : 0;
    }

    private Future<RecordMetadata> sendInBackground(ProducerRecord<Object, Object> record, Callback callback) {
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        Callback completing = (metadata, failure) -> {
            if (failure == null) {
                knownTopics.add(record.topic());
                sent.complete(metadata);
            } else {
                sent.completeExceptionally(failure);
            }
            callback.onCompletion(metadata, failure);
        };
        try {
            firstSends.execute(() -> sendOrReport(record, completing));
        } catch (RejectedExecutionException closed) {
            completing.onCompletion(null, closed);
        }
        return sent;
    }

    /** Reports an exception through the callback too: Camel waits for the callback without a timeout. */
    private Future<RecordMetadata> sendOrReport(ProducerRecord<Object, Object> record, Callback callback) {
        try {
            return super.send(record, callback);
        } catch (RuntimeException e) {
            callback.onCompletion(null, e);
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Closes at once when the program stops; otherwise 10 s after the last user, because an edited route soon reuses
     * it.
     */
    @Override
    public void close() {
        users.decrementAndGet();
        if (stopping.getAsBoolean()) {
            closeUnused();
        } else {
            CompletableFuture.delayedExecutor(KEEP_SECONDS, TimeUnit.SECONDS).execute(this::closeUnused);
        }
    }

    private void closeUnused() {
        if (users.compareAndSet(0, CLOSED)) {
            super.close();
            firstSends.shutdown();
        }
    }
}
