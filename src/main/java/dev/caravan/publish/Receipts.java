package dev.caravan.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * The newest records that this process has published, and where Kafka put them: what is known of a message before it is processed. It
 * is gone with the process.
 */
public final class Receipts {

    private Cache<String, RecordMetadata> newest;
    private String instance;

    void add(String messageId, RecordMetadata receipt) {
        if (newest != null) {
            newest.put(messageId, receipt);
        }
    }

    /** Where the message was put, if it was this process, and not too long ago. */
    public Optional<RecordMetadata> find(String messageId) {
        return newest == null ? Optional.empty() : Optional.ofNullable(newest.getIfPresent(messageId));
    }

    public String instance() {
        return instance;
    }

    /** How many are remembered, some 200 bytes each; 0 for none. */
    public void setCapacity(int capacity) {
        newest = capacity == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumSize(capacity)
                        .executor(Runnable::run)
                        .build();
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
