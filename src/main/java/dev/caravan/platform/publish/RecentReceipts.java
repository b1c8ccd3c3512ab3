package dev.caravan.platform.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Where Kafka put the newest records that this process has published. It is lost with the process. */
public final class RecentReceipts {

    private Cache<String, RecordMetadata> newest;
    private String instance;

    void add(String messageId, RecordMetadata metadata) {
        newest.put(messageId, metadata);
    }

    /** Where the message was put, the last time, if this process published it, and not too long ago. */
    public Optional<RecordMetadata> find(String messageId) {
        return Optional.ofNullable(newest.getIfPresent(messageId));
    }

    public String instance() {
        return instance;
    }

    /** How many are kept; 0 for none. */
    public void setCapacity(int capacity) {
        newest = Caffeine.newBuilder().maximumSize(capacity).build();
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
