package dev.caravan.bench;

import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * How fast one program's consumers work off a topic. The program stands still (SIGSTOP) while the topic is filled, so filling it
 * takes nothing of the time that counts: from there on until the group's lag is 0.
 */
record Consumption(Topics topics, Launched program, String group, String topic) {

    /** More would take too long to write. */
    private static final int MOST = 300_000;

    Sample round(int count, IntFunction<Message> messages) throws Exception {
        Map<TopicPartition, Long> ends;
        double cpu;
        long began;
        program.signal("STOP");
        try {
            ends = topics.write(topic, count, messages);
        } finally {
            cpu = program.cpuMillis();
            began = System.nanoTime();
            program.signal("CONT");
        }
        topics.untilRead(group, ends);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Sample(count / seconds, (program.cpuMillis() - cpu) / count);
    }

    /** @return how many are worked off in about the time of a round, once the program is warm */
    int warmUp(Plan plan, IntFunction<Message> messages) throws Exception {
        long end = System.nanoTime() + plan.warmUpSeconds() * 1_000_000_000L;
        int count = 500;
        while (true) {
            double rate = round(count, messages).rate();
            int next = (int) Math.min(MOST, Math.max(100, rate * plan.seconds()));
            if (System.nanoTime() > end) {
                return next;
            }
            // The first ones say little of those that follow.
            count = Math.min(next, 4 * count);
        }
    }
}
