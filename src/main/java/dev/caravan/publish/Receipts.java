package dev.caravan.publish;

import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The newest records that this process has published, and where Kafka put them: what is known of a message before it is processed. It
 * is gone with the process.
 *
 * <p>Written for every message and hardly ever read, so it is a ring that is searched, and no cache that orders what it holds. It is
 * made of columns: an object for each receipt would live through a few collections under load, and be copied by each of them.
 */
public final class Receipts {

    private int capacity;
    private long[] high;
    private long[] low;
    /** The MessageIDs that are no UUIDs; null where it is one. */
    private String[] others;

    private String[] topics;
    private int[] partitions;
    private long[] offsets;
    private long[] times;
    /** Of all that were ever added. It is written last, so whoever reads it sees what was added before. */
    private volatile long count;

    private String instance;

    synchronized void add(String messageId, RecordMetadata metadata) {
        if (capacity == 0) {
            return;
        }
        int at = at(count);
        UUID uuid = uuid(messageId);
        others[at] = uuid == null ? messageId : null;
        high[at] = uuid == null ? 0 : uuid.getMostSignificantBits();
        low[at] = uuid == null ? 0 : uuid.getLeastSignificantBits();
        topics[at] = metadata.topic();
        partitions[at] = metadata.partition();
        offsets[at] = metadata.offset();
        times[at] = metadata.timestamp();
        count = count + 1;
    }

    /** Where the message was put, the last time, if it was this process, and not too long ago. */
    public Optional<RecordMetadata> find(String messageId) {
        UUID uuid = uuid(messageId);
        long end = count;
        for (long i = end - 1; i >= 0 && i >= end - capacity; i--) {
            // Nobody who publishes waits for the search; what it finds may have been overwritten meanwhile.
            if (isAt(at(i), messageId, uuid)) {
                Optional<RecordMetadata> found = read(at(i), messageId, uuid);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private int at(long number) {
        return (int) (number % capacity);
    }

    private boolean isAt(int at, String messageId, UUID uuid) {
        return uuid == null
                ? messageId.equals(others[at])
                : others[at] == null
                        && high[at] == uuid.getMostSignificantBits()
                        && low[at] == uuid.getLeastSignificantBits();
    }

    private synchronized Optional<RecordMetadata> read(int at, String messageId, UUID uuid) {
        return isAt(at, messageId, uuid)
                ? Optional.of(new RecordMetadata(
                        new TopicPartition(topics[at], partitions[at]), offsets[at], 0, times[at], 0, 0))
                : Optional.empty();
    }

    /** Null where it is none, or one in another spelling, which is another MessageID. */
    private static UUID uuid(String messageId) {
        if (messageId.length() != 36 || messageId.charAt(8) != '-') {
            return null;
        }
        try {
            UUID uuid = UUID.fromString(messageId);
            return uuid.toString().equals(messageId) ? uuid : null;
        } catch (IllegalArgumentException notOne) {
            return null;
        }
    }

    public String instance() {
        return instance;
    }

    /** How many are remembered, 44 bytes each, and besides the MessageID where it is no UUID; 0 for none. */
    public void setCapacity(int capacity) {
        this.capacity = capacity;
        high = new long[capacity];
        low = new long[capacity];
        others = new String[capacity];
        topics = new String[capacity];
        partitions = new int[capacity];
        offsets = new long[capacity];
        times = new long[capacity];
    }

    /** The name of this process among the instances. */
    public void setInstance(String instance) {
        this.instance = instance;
    }
}
