package dev.caravan.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * Measures how fast a consumer group processes a topic. Its programs are stopped (SIGSTOP) while the topic is filled; the time runs from
 * their continuation until the group's lag is 0.
 */
record Consumption(Topics topics, List<ProgramProcess> programs, String group, String topic) {

    /** More would take too long to write. */
    private static final int MAX_RECORDS = 300_000;

    Consumption(Topics topics, ProgramProcess program, String group, String topic) {
        this(topics, List.of(program), group, topic);
    }

    Sample round(int count, IntFunction<Message> messages) throws Exception {
        Map<TopicPartition, Long> ends;
        double cpu;
        long began;
        signal("STOP");
        try {
            ends = topics.write(topic, count, messages);
        } finally {
            cpu = cpuMillis();
            began = System.nanoTime();
            signal("CONT");
        }
        topics.untilRead(group, ends);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Sample(count / seconds, (cpuMillis() - cpu) / count);
    }

    private void signal(String name) throws IOException, InterruptedException {
        for (ProgramProcess program : programs) {
            program.signal(name);
        }
    }

    private double cpuMillis() {
        return programs.stream().mapToDouble(ProgramProcess::cpuMillis).sum();
    }

    /** @return the number of records that a warm program processes in about the time of a round */
    int warmUp(Plan plan, IntFunction<Message> messages) throws Exception {
        long end = System.nanoTime() + plan.warmUpSeconds() * 1_000_000_000L;
        int count = 500;
        while (true) {
            double rate = round(count, messages).rate();
            int next = (int) Math.min(MAX_RECORDS, Math.max(100, rate * plan.seconds()));
            if (System.nanoTime() > end) {
                return next;
            }
            // The first rounds are much slower than the next ones.
            count = Math.min(next, 4 * count);
        }
    }
}
