package dev.caravan.platform.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Positions of the records that this process published last, in memory. */
public final class RecentReceipts {

    private Cache<String, RecordMetadata> newest;
    private String instance;

    void add(String messageId, RecordMetadata metadata) {
        newest.put(messageId, metadata);
    }

    public Optional<RecordMetadata> find(String messageId) {
        return Optional.ofNullable(newest.getIfPresent(messageId));
    }

    public String instance() {
        return instance;
    }

    /** Maximum number of positions; 0 for none. */
    public void setCapacity(int capacity) {
        newest = Caffeine.newBuilder().maximumSize(capacity).build();
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
