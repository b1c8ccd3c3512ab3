package dev.caravan.kafka;

import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final ExecutorService waiting = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "caravan-first-send");
        thread.setDaemon(true);
        return thread;
    });

    ImpatientProducer(Properties properties) {
        super(properties);
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<Object, Object> record, Callback callback) {
        // Without a callback the caller waits for the brokers anyway.
        if (callback == null || known.contains(record.topic())) {
            return super.send(record, callback);
        }
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        waiting.execute(() -> {
            try {
                super.send(record, (metadata, failure) -> {
                    if (failure == null) {
                        known.add(record.topic());
                        sent.complete(metadata);
                    } else {
                        sent.completeExceptionally(failure);
                    }
                    callback.onCompletion(metadata, failure);
                });
            } catch (KafkaException e) {
                sent.completeExceptionally(e);
                callback.onCompletion(null, e);
            }
        });
        return sent;
    }

    @Override
    public void close() {
        super.close();
        waiting.shutdown();
    }
}
