package dev.caravan.publish;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * The newest records that this process has published, and where Kafka put them: what is known of a message before it is processed. It
 * is gone with the process.
 *
 * <p>Written for every message and hardly ever read, so it is a ring that is searched, and no cache that orders what it holds.
 */
public final class Receipts {

    private record Receipt(String messageId, RecordMetadata metadata) {}

    private final AtomicLong count = new AtomicLong();
    private AtomicReferenceArray<Receipt> newest = new AtomicReferenceArray<>(0);
    private String instance;

    void add(String messageId, RecordMetadata metadata) {
        if (newest.length() > 0) {
            newest.lazySet((int) (count.getAndIncrement() % newest.length()), new Receipt(messageId, metadata));
        }
    }

    /** Where the message was put, the last time, if it was this process, and not too long ago. */
    public Optional<RecordMetadata> find(String messageId) {
        long last = count.get() - 1;
        for (long i = last; i >= 0 && i > last - newest.length(); i--) {
            Receipt receipt = newest.get((int) (i % newest.length()));
            // Another thread may have counted what it has not put there yet.
            if (receipt != null && receipt.messageId().equals(messageId)) {
                return Optional.of(receipt.metadata());
            }
        }
        return Optional.empty();
    }

    public String instance() {
        return instance;
    }

    /** How many are remembered, some 200 bytes each; 0 for none. */
    public void setCapacity(int capacity) {
        newest = new AtomicReferenceArray<>(capacity);
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
