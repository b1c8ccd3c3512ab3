package dev.caravan.kafka;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of this process that read from Kafka, each with the client that it reads with. */
public final class Readers {

    private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private static final String READER = "reader";

    private final Map<Thread, CommittingConsumer> clients = new ConcurrentHashMap<>();

    void add(CommittingConsumer client) {
        clients.put(Thread.currentThread(), client);
    }

    /** The thread that asks for a new client must not be one that another reads in the place of. */
    void requireNotAbandoned() {
        CommittingConsumer client = clients.get(Thread.currentThread());
        if (client != null && client.reader().isAbandoned()) {
            throw new CommittingConsumer.Ended("Another thread reads in its place.");
        }
    }

    /** The current thread has a record to process, in this exchange. */
    public void begins(Exchange record) {
        CommittingConsumer client = clients.get(Thread.currentThread());
        if (client != null) {
            record.setProperty(READER, client.reader());
            client.reader().works();
        }
    }

    /** Its thread waits now until the record is due or may be tried again, and that is no sign of being stuck. */
    public static void waits(Exchange record) {
        Reader reader = record.getProperty(READER, Reader.class);
        if (reader != null) {
            reader.waits();
        }
    }

    /** The wait is over. */
    public static void goesOn(Exchange record) {
        Reader reader = record.getProperty(READER, Reader.class);
        if (reader != null) {
            reader.works();
        }
    }

    /** What those of one consumer route are at; one that ended together with its client is none of them. */
    public List<Reader.Seen> look(KafkaConfiguration consumer) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        clients.values().removeIf(client -> client.reader().isOver());
        return clients.values().stream()
                .map(CommittingConsumer::reader)
                .filter(reader -> reader.reads(group, topics) && !reader.isAbandoned())
                .map(Reader::look)
                .toList();
    }

    /** Interrupts those that have been at one attempt for longer than that. */
    public void interrupt(KafkaConfiguration consumer, Duration longestAttempt) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        clients.values().stream()
                .map(CommittingConsumer::reader)
                .filter(reader -> reader.reads(group, topics))
                .filter(reader -> reader.look().isAt(Reader.Phase.WORKING, longestAttempt))
                .forEach(Reader::interrupt);
    }

    /**
     * Others will read in the place of these. Their clients are closed, for what a thread has left open would stay in its
     * group, which would wait for it for minutes. A thread that is still at a record ends once that is done; one that is still
     * inside its client keeps it, and the group goes on without it after {@code max.poll.interval.ms}.
     */
    public void abandon(KafkaConfiguration consumer) {
        String group = consumer.getGroupId();
        Set<String> topics = topics(consumer);
        for (CommittingConsumer client : clients.values()) {
            if (client.reader().reads(group, topics)) {
                client.reader().abandoned();
                try {
                    client.close(CLOSE);
                } catch (KafkaException | ConcurrentModificationException e) {
                    LOG.warn("A Kafka client of {} was left as it is: {}", group, e.toString());
                }
            }
        }
    }

    private static Set<String> topics(KafkaConfiguration consumer) {
        return Set.copyOf(List.of(consumer.getTopic().split(",")));
    }
}
