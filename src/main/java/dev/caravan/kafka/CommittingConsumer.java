package dev.caravan.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.requests.JoinGroupRequest;

/**
 * A consumer that settles what it has brought before it waits for more, and whose failed commits are made up for at its next polls. While
 * there is so much to read that a poll brings all that it may, what several have brought is settled together.
 *
 * <p>A commit fails while a broker is away or a rebalance runs; the consumer may keep its partition all the same, and if nothing more comes
 * upon it, nobody would commit it ever again: what is done would count as not done until the next start.
 *
 * <p>A partition that is taken away takes what was owed with it: its next owner reads from the last commit.
 */
final class CommittingConsumer extends KafkaConsumer<Object, Object> {

    /** Ends the thread that reads: after an exception Camel would give it a new client, and after an interrupt do so for ever. */
    static final class Ended extends Error {
        private static final long serialVersionUID = 1L;

        Ended(String reason) {
            super(reason, null, false, false);
        }
    }

    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Map<TopicPartition, OffsetAndMetadata> owed = new HashMap<>();
    private final Settlement settlement;
    private final Reader reader;
    private final int most;
    private boolean full;
    private boolean paying;

    CommittingConsumer(Properties properties, Settlement settlement, Reader reader) {
        super(properties);
        this.settlement = settlement;
        this.reader = reader;
        this.most = Integer.parseInt(properties
                .getOrDefault(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, ConsumerConfig.DEFAULT_MAX_POLL_RECORDS)
                .toString());
    }

    Reader reader() {
        return reader;
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        owed.keySet().removeAll(offsets.keySet());
        try {
            super.commitSync(offsets, timeout);
        } catch (CommitFailedException e) {
            // The partitions are another consumer's.
            throw e;
        } catch (KafkaException e) {
            owed.putAll(offsets);
            throw e;
        }
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (full && !reader.isAbandoned() && settlement.canWait()) {
            ConsumerRecords<Object, Object> records = read(Duration.ZERO);
            if (!records.isEmpty()) {
                return records;
            }
        }
        settle();
        if (reader.isAbandoned()) {
            throw new Ended("Another thread reads in its place.");
        }
        if (!owed.isEmpty() && !paying) {
            paying = true;
            commitAsync(Map.copyOf(owed), (offsets, failure) -> {
                paying = false;
                if (failure == null) {
                    owed.entrySet().removeAll(offsets.entrySet());
                }
            });
        }
        return read(timeout);
    }

    private ConsumerRecords<Object, Object> read(Duration timeout) {
        reader.polls();
        try {
            ConsumerRecords<Object, Object> records = super.poll(timeout);
            full = records.count() >= most;
            int partitions = assignment().size();
            reader.has(partitions, partitions > 0 || isMember());
            return records;
        } catch (InterruptException e) {
            // It came with the flag raised again, with which no client can be closed.
            Thread.interrupted();
            try {
                settle();
            } finally {
                super.close(CLOSE);
            }
            throw new Ended("The thread was interrupted.");
        } catch (RuntimeException e) {
            reader.has(0, false);
            settle();
            throw e;
        } finally {
            reader.works();
        }
    }

    private boolean isMember() {
        return groupMetadata().generationId() != JoinGroupRequest.UNKNOWN_GENERATION_ID;
    }

    /** Within a poll too, whose records then begin where they have to. */
    private void settle() {
        settlement.settle().forEach((partition, offset) -> {
            if (assignment().contains(partition)) {
                seek(partition, offset);
            }
        });
    }

    @Override
    public void close() {
        super.close();
        reader.closed();
    }

    @Override
    public void close(Duration timeout) {
        super.close(timeout);
        reader.closed();
    }

    @Override
    public void unsubscribe() {
        settle();
        super.unsubscribe();
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        reader.subscribed(Set.copyOf(topics));
        super.subscribe(topics, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                settle();
                owed.keySet().removeAll(partitions);
                listener.onPartitionsRevoked(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                settle();
                owed.keySet().removeAll(partitions);
                listener.onPartitionsLost(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                listener.onPartitionsAssigned(partitions);
            }
        });
    }
}
