package dev.caravan.bench;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Measures consuming: dedupe, effect and commit. Each side has its own embedded H2 database, which writes each transaction to its file.
 * The limit consumes its own topic of the same broker, so that each is idle while the other works.
 *
 * <p>"No effect" is the shipped empty route of {@code events} with {@code DEDUPE_STORE=memory}, because the default store writes the
 * MessageID to the database.
 */
final class Consume {

    private static final String[] FAILURE_TOPICS = {
        "orders-retry-1", "orders-dlq", "notifications-retry-1", "notifications-dlq"
    };

    private Consume() {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Path data = testbed.folder("consume");
        try (ProgramProcess caravan = start(testbed, data, "sql")) {
            String group = data.getFileName().toString();
            Topics topics = testbed.topics();
            long failures = topics.written(FAILURE_TOPICS);
            Consumption orders = new Consumption(topics, caravan, group + "-orders", "orders");
            int count = compare(testbed, plan, report, "orders", 0.7, orders, Message.ORDERS);
            Consumption notifications = new Consumption(topics, caravan, group + "-notifications", "notifications");
            compare(testbed, plan, report, "notifications", 0.7, notifications, Message.NOTIFICATIONS);
            report.check(
                    topics.written(FAILURE_TOPICS) == failures,
                    "consume: records went to a retry or dead-letter topic");

            int hundreds = Math.max(1, count / 100) * 100;
            long dead = topics.written("orders-dlq");
            report.compare(
                    "consume the good orders, one in 100 poisoned",
                    0.85,
                    new Report.Side("with poisoned orders", () -> {
                        Sample all = orders.round(hundreds, Message.POISONED);
                        return new Sample(all.rate() * 0.99, all.cpuMillis() / 0.99);
                    }),
                    new Report.Side("without", () -> orders.round(hundreds, Message.ORDERS)));
            report.check(
                    topics.written("orders-dlq") - dead == (long) plan.rounds() * hundreds / 100,
                    "consume: the dead letters are not exactly the poisoned records");
        }
        Path memory = testbed.folder("memory");
        try (ProgramProcess caravan = start(testbed, memory, "memory")) {
            Consumption events = new Consumption(testbed.topics(), caravan, memory.getFileName() + "-events", "events");
            compare(testbed, plan, report, "no effect", 0.8, events, Message.EVENTS);
        }
    }

    private static ProgramProcess start(Testbed testbed, Path data, String dedupe) throws Exception {
        testbed.topics().empty("comments", "orders", "notifications", "events");
        return testbed.caravan(data, Map.of("KAFKA_BROKERS", testbed.brokers(), "DEDUPE_STORE", dedupe))
                .untilItSays("Caravan is ready");
    }

    private static int compare(
            Testbed testbed,
            Plan plan,
            Report report,
            String name,
            double bar,
            Consumption caravan,
            IntFunction<Message> messages)
            throws Exception {
        testbed.topics().empty("limit");
        try (ProgramProcess process = testbed.reference(testbed.folder("limit"), "consume", name, "limit")) {
            Consumption limit = new Consumption(testbed.topics(), process, "limit-" + name, "limit");
            report.progress("consume " + name + ": warm-up");
            int count = caravan.warmUp(plan, messages);
            int limitCount = limit.warmUp(plan, messages);
            report.compare(
                    "consume " + name,
                    bar,
                    new Report.Side("caravan", () -> caravan.round(count, messages)),
                    new Report.Side("limit", () -> limit.round(limitCount, messages)));
            return count;
        }
    }
}
