package dev.caravan.kafka;

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
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/**
 * A producer whose {@link #send(ProducerRecord, Callback)} does not keep its caller waiting until the brokers have told where
 * a topic's partitions are: until a topic has taken its first record, its records are sent from a thread of their own. A
 * caller still waits, for {@code max.block.ms} at most, while the memory for records under way is full.
 */
final class ImpatientProducer extends KafkaProducer<Object, Object> {

    private static final int KEPT_SECONDS = 10;
    private static final int CLOSED = Integer.MIN_VALUE;

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final ExecutorService waiting = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "caravan-first-send");
        thread.setDaemon(true);
        return thread;
    });

    private final BooleanSupplier ending;
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * For its first user.
     *
     * @param ending whether the program stops, so that whoever closes this is not followed by anybody
     */
    ImpatientProducer(Properties properties, BooleanSupplier ending) {
        super(properties);
        this.ending = ending;
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
        // Without a callback the caller waits for the brokers anyway.
        if (callback == null) {
            return super.send(record, null);
        }
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
