package dev.caravan.operations.metrics;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The first and end offsets of partitions, and the committed offsets of groups.
 *
 * @param committed next offset to read, by group and partition
 * @param begins offset of the first record, by partition
 * @param ends offset of the next record to be written, by partition
 */
public record Offsets(
        Map<String, Map<TopicPartition, Long>> committed,
        Map<TopicPartition, Long> begins,
        Map<TopicPartition, Long> ends) {

    /**
     * Reads the offsets from Kafka. Topics that do not exist are omitted.
     *
     * @throws ExecutionException if Kafka does not answer within the client's timeout
     */
    public static Offsets read(Admin kafka, Set<String> groups, Collection<String> topics)
            throws ExecutionException, InterruptedException {
        // Committed offsets are read before end offsets, so no lag is negative.
        Map<String, Map<TopicPartition, Long>> committed = new HashMap<>();
        var ofGroups = kafka.listConsumerGroupOffsets(groups.stream()
                .collect(Collectors.toMap(Function.identity(), group -> new ListConsumerGroupOffsetsSpec())));
        for (String group : groups) {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (Map.Entry<TopicPartition, OffsetAndMetadata> each :
                    ofGroups.partitionsToOffsetAndMetadata(group).get().entrySet()) {
                if (each.getValue() != null) {
                    offsets.put(each.getKey(), each.getValue().offset());
                }
            }
            committed.put(group, offsets);
        }
        Set<TopicPartition> partitions = partitions(kafka, topics);
        return new Offsets(
                committed,
                offsets(kafka, partitions, OffsetSpec.earliest()),
                offsets(kafka, partitions, OffsetSpec.latest()));
    }

    private static Set<TopicPartition> partitions(Admin kafka, Collection<String> topics)
            throws ExecutionException, InterruptedException {
        Set<TopicPartition> partitions = new HashSet<>();
        for (KafkaFuture<TopicDescription> each :
                kafka.describeTopics(topics).topicNameValues().values()) {
            try {
                TopicDescription topic = each.get();
                topic.partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic.name(), partition.partition())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return partitions;
    }

    private static Map<TopicPartition, Long> offsets(Admin kafka, Set<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        return kafka
                .listOffsets(partitions.stream().collect(Collectors.toMap(Function.identity(), any -> which)))
                .all()
                .get()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, found -> found.getValue().offset()));
    }

    /** The partitions of an existing topic. */
    Stream<TopicPartition> of(String topic) {
        return ends.keySet().stream().filter(partition -> partition.topic().equals(topic));
    }

    /** The number of records in a topic; too high for a topic with transactions or compaction. */
    long records(String topic) {
        return of(topic)
                .mapToLong(partition -> ends.get(partition) - begins.get(partition))
                .sum();
    }

    /** The next offset that a group reads; without a commit, the first offset of the partition. */
    public long next(String group, TopicPartition partition) {
        return Math.max(begins.get(partition), committed.get(group).getOrDefault(partition, 0L));
    }

    /** The number of records that a group has not committed. */
    long lag(String group, TopicPartition partition) {
        return Math.max(0, ends.get(partition) - next(group, partition));
    }
}
