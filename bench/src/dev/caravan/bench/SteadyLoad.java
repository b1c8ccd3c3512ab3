package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Detects growth: accepts and processes orders for minutes at about 70 % of this machine's maximum, and reports the first and the last
 * minute. Each minute is a run of wrk with a pause after each answer. The heap is measured after a full collection.
 */
final class SteadyLoad {

    private static final int CONNECTIONS = 64;
    private static final int WARM_UP_CONNECTIONS = 8;
    private static final int WARM_UP_PAUSE_MILLIS = 4;
    private static final Pattern USED = Pattern.compile("(?:heap|generation) .* used (\\d+)K");

    private SteadyLoad() {}

    private record Minute(double rate, double p99Millis, double heapMiB, long threads, long descriptors) {}

    static void run(Testbed testbed, Plan plan, Report report) throws Exception {
        Topics topics = testbed.topics();
        topics.empty("comments", "orders", "notifications", "events");
        Path data = testbed.folder("steady");
        try (ProgramProcess caravan = testbed.caravan(data, Map.of("KAFKA_BROKERS", testbed.brokers()))) {
            caravan.untilItSays("Caravan is ready");
            String group = data.getFileName() + "-orders";
            Wrk wrk = new Wrk(report);
            report.progress("steady: warm-up");
            // At about 2000 per second, because all accepted orders must be consumed before the maximum is measured.
            wrk.run(caravan, "order", WARM_UP_CONNECTIONS, plan.warmUpSeconds(), WARM_UP_PAUSE_MILLIS);
            topics.untilRead(group, topics.ends("orders"));
            report.progress("steady: the maximum");
            long began = System.nanoTime();
            long accepted = wrk.run(caravan, "order", CONNECTIONS, 10, 0).requests();
            topics.untilRead(group, topics.ends("orders"));
            double rate = 0.7 * accepted / ((System.nanoTime() - began) / 1e9);
            // The pause is shorter by the time of an answer, which a short run measures.
            double turn = CONNECTIONS * 1000 / rate;
            double answer = wrk.run(caravan, "order", CONNECTIONS, 5, turn).p50Millis();
            double pause = Math.max(0, turn - answer);
            Minute first = null;
            Minute last = null;
            for (int minute = 1; minute <= plan.steadyMinutes(); minute++) {
                report.progress("steady: minute " + minute + " of " + plan.steadyMinutes());
                Wrk.Result result = wrk.run(caravan, "order", CONNECTIONS, 60, pause);
                topics.untilRead(group, topics.ends("orders"));
                last = new Minute(
                        result.rate(), result.p99Millis(), heap(caravan), caravan.threads(), caravan.descriptors());
                first = first == null ? last : first;
            }
            report.state(
                    "steady, " + plan.steadyMinutes() + " minutes",
                    Report.format(
                            "%.0f/s of %.0f/s, then %.0f/s: p99 %.1f then %.1f ms, heap %.0f then %.0f MiB,"
                                    + " threads %d then %d, descriptors %d then %d",
                            first.rate(),
                            rate / 0.7,
                            last.rate(),
                            first.p99Millis(),
                            last.p99Millis(),
                            first.heapMiB(),
                            last.heapMiB(),
                            first.threads(),
                            last.threads(),
                            first.descriptors(),
                            last.descriptors()),
                    "no growth, no drift");
        }
    }

    /** In MiB, after a full collection. */
    static double heap(ProgramProcess program) throws Exception {
        jcmd(program, "GC.run");
        return USED.matcher(jcmd(program, "GC.heap_info"))
                        .results()
                        .mapToLong(used -> Long.parseLong(used.group(1)))
                        .sum()
                / 1024.0;
    }

    private static String jcmd(ProgramProcess program, String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), "" + program.pid(), command)
                .redirectErrorStream(true)
                .start();
        if (!jcmd.waitFor(20, TimeUnit.SECONDS)) {
            jcmd.destroyForcibly();
        }
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
