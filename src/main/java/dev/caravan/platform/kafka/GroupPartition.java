package dev.caravan.platform.kafka;

import org.apache.kafka.common.TopicPartition;

/** A partition as read by one consumer group. */
record GroupPartition(String group, TopicPartition partition) {}
