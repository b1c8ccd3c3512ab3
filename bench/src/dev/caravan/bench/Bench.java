package dev.caravan.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Measures the packaged Caravan against the limit, {@link Reference}, with the same broker on the same machine. */
public final class Bench {

    /** Produces one or more lines of the report. */
    interface Case {
        void run(Testbed testbed, Plan plan, Report report) throws Exception;
    }

    private Bench() {}

    public static void main(String[] args) throws Exception {
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put("ingest", Ingest::run);
        cases.put("tracking", Tracking::run);
        cases.put("consume", Consume::run);
        cases.put("workers", Workers::run);
        cases.put("rebalances", Rebalances::run);
        cases.put("camel", CamelOverhead::run);
        cases.put("postgres", Spring::consume);
        cases.put("spring", Spring::ingest);
        cases.put("versus-ingest", Comparison::ingest);
        cases.put("versus-orders", Comparison.consume("orders", "orders", Message.ORDERS));
        cases.put("versus-poisoned", Comparison.consume("one order in 100 poisoned", "orders", Message.POISONED));
        cases.put("versus-notifications", Comparison.consume("notifications", "notifications", Message.NOTIFICATIONS));
        cases.put("inbox", Inboxes::run);
        cases.put("latency", Latency::run);
        cases.put("streams", LiveStreams::run);
        cases.put("webhooks", Webhooks::run);
        cases.put("start", StartUp::run);
        cases.put("edit", Edit::run);
        cases.put("steady", SteadyLoad::run);
        if (Stream.of(args).anyMatch("--help"::equals)) {
            System.out.printf(Plan.USAGE, String.join(", ", cases.keySet()));
            return;
        }
        System.exit(run(cases, args));
    }

    private static int run(Map<String, Case> cases, String[] args) throws Exception {
        Plan plan;
        try {
            plan = Plan.parse(args, cases.keySet());
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage() + "; try --help");
            return 2;
        }
        Report report = new Report(plan.rounds());
        try (Testbed testbed = new Testbed(Path.of("target/bench/run").toAbsolutePath())) {
            for (Map.Entry<String, Case> each : cases.entrySet()) {
                if (plan.includes(each.getKey())) {
                    try {
                        each.getValue().run(testbed, plan, report);
                    } catch (Exception e) {
                        e.printStackTrace();
                        report.check(false, each.getKey() + ": " + e);
                    }
                }
            }
        }
        report.write(
                Path.of(plan.isWhole() ? "bench/results.md" : "target/bench/results.md"),
                ("bench/run " + String.join(" ", args)).strip());
        return report.isSound() ? 0 : 1;
    }
}
