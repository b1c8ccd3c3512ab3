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
 * A producer whose {@link #send(ProducerRecord, Callback)} does not keep its caller waiting until the brokers have told where
 * a topic's partitions are: until a topic has taken its first record, its records are sent from a thread of their own.
 *
 * <p>An event loop does not wait for memory either: it is told at once, by a {@link BufferExhaustedException}, when half of
 * {@code buffer.memory} is taken by records under way, or less than a quarter of it is free. Any other thread waits for memory,
 * for {@code max.block.ms} at most.
 */
final class NonBlockingProducer extends KafkaProducer<Object, Object> {

    private static final int KEPT_SECONDS = 10;
    private static final long DEFAULT_MEMORY = 32 << 20;
    private static final int CLOSED = Integer.MIN_VALUE;

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final ExecutorService waiting = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "caravan-first-send");
        thread.setDaemon(true);
        return thread;
    });

    private final BooleanSupplier ending;
    private final AtomicLong underWay = new AtomicLong();
    private final long mostUnderWay;
    private final long leastFree;
    private final Metric free;
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * For its first user.
     *
     * @param ending whether the program stops, so that whoever closes this is not followed by anybody
     */
    NonBlockingProducer(Properties properties, BooleanSupplier ending) {
        super(properties);
        this.ending = ending;
        long memory = Long.parseLong(properties
                .getOrDefault(ProducerConfig.BUFFER_MEMORY_CONFIG, DEFAULT_MEMORY)
                .toString());
        mostUnderWay = memory / 2;
        leastFree = memory / 4;
        free = metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("buffer-available-bytes"))
                .findFirst()
                .orElseThrow();
    }

    /** Finds out in the background where these topics are, so that the first caller need not wait for that. */
    void lookUp(Collection<String> topics) {
        waiting.execute(() -> {
            try {
                for (String topic : topics) {
                    partitionsFor(topic);
                    known.add(topic);
                }
            } catch (KafkaException e) {
                // Kafka is away: whoever publishes finds out for themselves.
            }
        });
    }

    /** One more has it, and will close it; false where it is closed for good. */
    boolean use() {
        return users.getAndUpdate(count -> count == CLOSED ? CLOSED : count + 1) != CLOSED;
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<Object, Object> record, Callback callback) {
        RawHeaders.restore(record.headers());
        // Without a callback the caller waits for the brokers anyway.
        if (callback == null) {
            return super.send(record, null);
        }
        long bytes = bytes(record);
        if (Context.isOnEventLoopThread() && isFull(bytes)) {
            BufferExhaustedException full =
                    new BufferExhaustedException("Too many bytes are on their way to Kafka already.");
            callback.onCompletion(null, full);
            return CompletableFuture.failedFuture(full);
        }
        underWay.addAndGet(bytes);
        return begin(record, (metadata, failure) -> {
            underWay.addAndGet(-bytes);
            callback.onCompletion(metadata, failure);
        });
    }

    /** One record is always taken, however large it is. */
    private boolean isFull(long bytes) {
        long before = underWay.get();
        return before > 0 && before + bytes > mostUnderWay || ((Number) free.metricValue()).longValue() < leastFree;
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

    private Future<RecordMetadata> begin(ProducerRecord<Object, Object> record, Callback callback) {
        if (known.contains(record.topic())) {
            return tell(record, callback);
        }
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        Callback told = (metadata, failure) -> {
            if (failure == null) {
                known.add(record.topic());
                sent.complete(metadata);
            } else {
                sent.completeExceptionally(failure);
            }
            callback.onCompletion(metadata, failure);
        };
        try {
            waiting.execute(() -> tell(record, told));
        } catch (RejectedExecutionException closed) {
            told.onCompletion(null, closed);
        }
        return sent;
    }

    /** What Kafka's client throws is told like what it finds out later: Camel waits for the callback in either case, for ever. */
    private Future<RecordMetadata> tell(ProducerRecord<Object, Object> record, Callback callback) {
        try {
            return super.send(record, callback);
        } catch (RuntimeException e) {
            callback.onCompletion(null, e);
            return CompletableFuture.failedFuture(e);
        }
    }

    /** At once when the program stops; else a while after the last user, for a route that is replaced has a successor. */
    @Override
    public void close() {
        users.decrementAndGet();
        if (ending.getAsBoolean()) {
            closeUnused();
        } else {
            CompletableFuture.delayedExecutor(KEPT_SECONDS, TimeUnit.SECONDS).execute(this::closeUnused);
        }
    }

    private void closeUnused() {
        if (users.compareAndSet(0, CLOSED)) {
            super.close();
            waiting.shutdown();
        }
    }
}
