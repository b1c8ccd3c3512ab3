package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.chaos.Finding.Kind;
import dev.caravan.support.CaravanProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Runs the program under load, injects one fault after the other, and compares the acknowledged messages with their effects. Idea and
 * terms are Jepsen's.
 */
final class Chaos {

    private static final String USAGE =
            """
            Usage: make chaos ARGS="[--minutes N] [--trials N] [--seed N] [--faults NAME,...] [--warm SECONDS]
                          [--hold SECONDS] [--rate N] [--failing PERCENT]"
                   make chaos ARGS="--cluster ..."
                   make chaos ARGS=--streams
                   make chaos ARGS="--webhooks [KILLS]"

              --minutes N     duration [10]
              --trials N      number of trials, instead of a duration
              --seed N        seed of all random choices [1]
              --faults NAMES  comma-separated faults [all except those of the cluster]
              --cluster       all faults of the cluster, each once
              --warm SECONDS  minimum time of load before a fault [0]
              --hold SECONDS  duration of a fault [random]
              --rate N        maximum messages per second [80]
              --failing PERCENT  messages that may fail at first; each takes many times as long as a good one [15]

            The program is target/caravan; the broker and a PostgreSQL are separate processes. A trial is load, a fault, load, and a
            wait until every record is processed. The exit code is 1 if a guarantee was broken.

            The cluster is three brokers, a PostgreSQL with standbys, two programs of the role api behind nginx and three of the role
            worker.

            --streams: 200 users read 20,000 notifications as live streams, which are cut 2,000 times, while two programs of the role
            api and two of the role worker are killed 20 times in turn. Takes several minutes.

            --webhooks: the program is killed 50 times while it delivers 30 messages per kill to three endpoints, two of which fail
            half of their requests. Takes several minutes.

            Faults:
            """;

    private static final int MIN_LANES = 8;
    /** Messages per second of one lane, which sends one after the other. */
    private static final int LANE_RATE = 10;

    /** Acknowledged messages per trial, below which a run proves nothing. */
    private static final int MIN_ACKNOWLEDGED = 20;

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final Duration SUMS_LIMIT = Duration.ofSeconds(30);
    private static final long DISK_MIB = 256;

    private final Options options;
    private final PrintStream out;

    /**
     * @param warmMillis minimum time of load before a fault
     * @param holdMillis duration of a fault; 0 for a random time
     */
    record Options(
            long minutes,
            int trials,
            long seed,
            List<Fault> faults,
            int warmMillis,
            int holdMillis,
            int rate,
            int failing,
            Path folder) {

        static Options parse(String[] args, Path folder) {
            long minutes = 10;
            int trials = Integer.MAX_VALUE;
            long seed = 1;
            List<Fault> faults = Fault.SINGLE;
            int warm = 0;
            int hold = 0;
            int rate = 80;
            int failing = Load.FAILING;
            if (args.length > 0 && args[0].equals("--cluster")) {
                faults = Fault.CLUSTER;
                trials = faults.size();
                args = Arrays.copyOfRange(args, 1, args.length);
            }
            for (int i = 0; i + 1 < args.length; i += 2) {
                String value = args[i + 1];
                switch (args[i]) {
                    case "--minutes" -> minutes = Long.parseLong(value);
                    case "--trials" -> trials = Integer.parseInt(value);
                    case "--seed" -> seed = Long.parseLong(value);
                    case "--faults" ->
                        faults = Arrays.stream(value.split(",")).map(Fault::of).toList();
                    case "--warm" -> warm = Integer.parseInt(value) * 1_000;
                    case "--hold" -> hold = Integer.parseInt(value) * 1_000;
                    case "--rate" -> rate = Integer.parseInt(value);
                    case "--failing" -> failing = Integer.parseInt(value);
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
            if (args.length % 2 != 0) {
                throw new IllegalArgumentException(args[args.length - 1] + " needs a value");
            }
            return new Options(minutes, trials, seed, faults, warm, hold, rate, failing, folder);
        }
    }

    /**
     * @param drainedMillis time from the fault to the last commit
     * @param records number of new records in the topics
     * @param deliveries number of times that consumers got a record
     */
    private record Trial(int number, Fault fault, long drainedMillis, long records, long deliveries) {}

    record Result(List<Finding> findings, String table) {}

    Chaos(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("--help")) {
            System.out.print(USAGE
                    + Arrays.stream(Fault.values())
                            .map(fault -> String.format("  %-16s%s%n", fault, fault.what()))
                            .collect(Collectors.joining()));
            return;
        }
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly)));
        if (args.length == 1 && args[0].equals("--streams")) {
            System.out.println(
                    new StreamTrial(StreamTrial.Plan.ALL, Files.createTempDirectory("caravan-streams")).run());
            System.exit(0);
        }
        if (args.length > 0 && args[0].equals("--webhooks")) {
            WebhookTrial.Plan plan =
                    args.length > 1 ? WebhookTrial.Plan.of(Integer.parseInt(args[1])) : WebhookTrial.Plan.ALL;
            System.out.println(new WebhookTrial(plan, Files.createTempDirectory("caravan-webhooks")).run());
            System.exit(0);
        }
        Options options;
        try {
            options = Options.parse(args, Files.createTempDirectory("caravan-chaos"));
        } catch (IllegalArgumentException e) {
            System.err.println("chaos: " + e.getMessage() + "; try --help");
            System.exit(2);
            return;
        }
        Result result = new Chaos(options, System.out).run();
        System.out.println(result.table());
        result.findings().stream().limit(50).forEach(System.out::println);
        System.out.println(result.findings().size() + " findings; ledger and logs in " + options.folder());
        System.exit(result.findings().isEmpty() ? 0 : 1);
    }

    /** Divides trials or time among the environments by their numbers of faults. */
    Result run() throws Exception {
        List<Fault> embedded =
                options.faults().stream().filter(Fault.EMBEDDED::contains).toList();
        List<Fault> separate = options.faults().stream()
                .filter(fault -> !Fault.EMBEDDED.contains(fault) && !fault.needsCluster())
                .toList();
        List<Fault> cluster =
                options.faults().stream().filter(Fault::needsCluster).toList();
        List<Finding> findings = new ArrayList<>();
        StringBuilder table = new StringBuilder(String.format(
                "%-16s %6s %8s %6s %10s %12s %18s%n",
                "fault", "times", "acked", "lost", "duplicate", "redelivered", "drained after s"));
        if (!separate.isEmpty()) {
            Path folder = options.folder().resolve("separate");
            try (Testbed testbed = Testbed.separate(folder)) {
                new Series(testbed, separate, folder, share(separate)).run(findings, table);
            }
        }
        if (!cluster.isEmpty()) {
            Path folder = options.folder().resolve("cluster");
            try (Testbed testbed = Testbed.cluster(folder)) {
                new Series(testbed, cluster, folder, share(cluster)).run(findings, table);
            }
        }
        if (!embedded.isEmpty()) {
            Path folder = Files.createDirectories(options.folder().resolve("embedded"));
            boolean ownDisk = embedded.contains(Fault.DISK_FULL);
            if (ownDisk) {
                mount(folder);
            }
            try (Testbed testbed = Testbed.embedded(folder)) {
                new Series(testbed, embedded, folder, share(embedded)).run(findings, table);
            } finally {
                if (ownDisk) {
                    unmount(folder);
                }
            }
        }
        return new Result(findings, table.toString());
    }

    private double share(List<Fault> faults) {
        return (double) faults.size() / options.faults().size();
    }

    /** Whether this process may mount the file system that {@link Fault#DISK_FULL} needs. */
    static boolean mayMount() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("caravan-disk");
        try {
            mount(folder);
            unmount(folder);
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            Files.delete(folder);
        }
    }

    private static void mount(Path folder) throws IOException, InterruptedException {
        exec("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", folder.toString());
    }

    private static void unmount(Path folder) throws IOException, InterruptedException {
        exec("umount", folder.toString());
    }

    private static void exec(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output.strip());
        }
    }

    /** The trials in one environment. */
    private final class Series implements Fault.Run {

        private final Testbed testbed;
        private final List<Fault> faults;
        private final Path folder;
        private final int trials;
        private final long endMillis;
        private final Random random = new Random(options.seed());
        private final List<Trial> done = new ArrayList<>();
        private final List<Finding> unclean = new ArrayList<>();
        private Caller caller;
        private Load load;
        private int number;
        private long records;

        Series(Testbed testbed, List<Fault> faults, Path folder, double share) {
            this.testbed = testbed;
            this.faults = faults;
            this.folder = folder;
            this.trials = options.trials() == Integer.MAX_VALUE
                    ? Integer.MAX_VALUE
                    : (int) Math.ceil(options.trials() * share);
            this.endMillis = System.currentTimeMillis() + (long) (options.minutes() * 60_000 * share);
        }

        void run(List<Finding> findings, StringBuilder table) throws Exception {
            Path file = options.folder().resolve(folder.getFileName() + "-ledger.jsonl");
            try (Ledger ledger = new Ledger(file)) {
                try (Caller sender = new Caller(testbed, ledger);
                        Load lanes = new Load(sender, options.seed(), lanes(), options.rate(), options.failing())) {
                    caller = sender;
                    load = lanes;
                    while (number < trials
                            && (options.trials() < Integer.MAX_VALUE || System.currentTimeMillis() < endMillis)) {
                        trial(ledger);
                        number++;
                    }
                }
                Observation observed = testbed.observe();
                List<Attempt> attempts = ledger.attempts();
                List<Finding> found =
                        Checker.check(attempts, observed, Caller.SECRET, MIN_ACKNOWLEDGED * Math.max(1, number));
                found.addAll(unclean);
                findings.addAll(found);
                summarise(attempts, found, table);
            }
        }

        private int lanes() {
            return Math.max(MIN_LANES, options.rate() / LANE_RATE);
        }

        private void trial(Ledger ledger) throws Exception {
            Fault fault = faults.get(number < faults.size() ? number : random.nextInt(faults.size()));
            caller.trial(number);
            load.open();
            await().atMost(DRAIN_LIMIT)
                    .until(() -> acknowledged(ledger.attempts(), Set.of(number)) >= MIN_ACKNOWLEDGED);
            TimeUnit.MILLISECONDS.sleep(options.warmMillis() + random.nextInt(2_000));
            long injectedAt = System.currentTimeMillis();
            fault.inject(this);
            TimeUnit.SECONDS.sleep(1);
            load.settle();
            long drained = -1;
            try {
                await().atMost(DRAIN_LIMIT).pollInterval(Duration.ofMillis(500)).until(testbed::isDrained);
                drained = System.currentTimeMillis() - injectedAt;
            } catch (ConditionTimeoutException e) {
                unclean.add(new Finding(Kind.LAG, null, number, "not drained after " + DRAIN_LIMIT + " of " + fault));
            }
            addUp();
            if (fault == Fault.EDIT_ROUTES || fault == Fault.APIS_ROLLED) {
                refused(ledger.attempts(), injectedAt);
            }
            long before = records;
            records = testbed.records();
            done.add(new Trial(number, fault, drained, records - before, testbed.newDeliveries()));
            long acknowledged = acknowledged(ledger.attempts(), Set.of(number));
            out.printf(
                    Locale.ROOT,
                    "trial %d %s: %d acknowledged, drained after %.1f s, answers %s%n",
                    number,
                    fault,
                    acknowledged,
                    drained / 1000.0,
                    answers(ledger.attempts(), injectedAt));
        }

        /** Status → number of requests since then; 0 is no answer. Omits records written directly to Kafka. */
        private static Map<Integer, Long> answers(List<Attempt> attempts, long sinceMillis) {
            return attempts.stream()
                    .filter(attempt -> attempt.startedAt() >= sinceMillis
                            && (attempt.status() > 0 || attempt.outcome() != Outcome.OK))
                    .collect(Collectors.groupingBy(Attempt::status, TreeMap::new, Collectors.counting()));
        }

        /** A count that is just being taken has its time. */
        private void addUp() {
            try {
                await().atMost(SUMS_LIMIT).until(() -> testbed.brokenSums().isEmpty());
            } catch (ConditionTimeoutException e) {
                testbed.brokenSums().forEach(broken -> unclean.add(new Finding(Kind.COUNTERS, null, number, broken)));
            }
        }

        /** A request that is wrong is answered 400 or 422, whatever is edited. */
        private void refused(List<Attempt> attempts, long sinceMillis) {
            attempts.stream()
                    .filter(attempt -> attempt.startedAt() >= sinceMillis && attempt.outcome() != Outcome.OK)
                    .filter(attempt -> attempt.status() != 400 && attempt.status() != 422)
                    .forEach(attempt -> unclean.add(new Finding(
                            Kind.FAILED_REQUEST, attempt.messageId(), number, "status " + attempt.status())));
        }

        private void summarise(List<Attempt> attempts, List<Finding> found, StringBuilder table) {
            for (Fault fault : EnumSet.copyOf(faults)) {
                List<Trial> of =
                        done.stream().filter(trial -> trial.fault() == fault).toList();
                Set<Integer> numbers = of.stream().map(Trial::number).collect(Collectors.toSet());
                table.append(String.format(
                        Locale.ROOT,
                        "%-16s %6d %8d %6d %10d %12s %18s%n",
                        fault,
                        of.size(),
                        acknowledged(attempts, numbers),
                        count(found, numbers, Kind.LOST),
                        count(found, numbers, Kind.DUPLICATE),
                        redelivered(of),
                        times(of)));
            }
            Map<Outcome, Long> outcomes =
                    attempts.stream().collect(Collectors.groupingBy(Attempt::outcome, Collectors.counting()));
            table.append("attempts: ")
                    .append(outcomes)
                    .append(", findings: ")
                    .append(found.size())
                    .append('\n');
        }

        private static String redelivered(List<Trial> trials) {
            long written = trials.stream().mapToLong(Trial::records).sum();
            long handedOut = trials.stream().mapToLong(Trial::deliveries).sum();
            return String.format(Locale.ROOT, "%.1f %%", 100.0 * (handedOut - written) / Math.max(1, written));
        }

        private static String times(List<Trial> trials) {
            if (trials.isEmpty()) {
                return "";
            }
            List<Long> sorted = trials.stream()
                    .map(Trial::drainedMillis)
                    .sorted(Comparator.naturalOrder())
                    .toList();
            return String.format(
                    Locale.ROOT,
                    "%.1f, at most %.1f",
                    sorted.get(sorted.size() / 2) / 1000.0,
                    sorted.get(sorted.size() - 1) / 1000.0);
        }

        private static long count(List<Finding> findings, Set<Integer> trials, Kind what) {
            return findings.stream()
                    .filter(finding -> finding.what() == what && trials.contains(finding.trial()))
                    .count();
        }

        private static long acknowledged(List<Attempt> attempts, Set<Integer> trials) {
            return attempts.stream()
                    .filter(attempt -> attempt.outcome() == Outcome.OK && trials.contains(attempt.trial()))
                    .map(Attempt::messageId)
                    .distinct()
                    .count();
        }

        @Override
        public Testbed testbed() {
            return testbed;
        }

        @Override
        public Load load() {
            return load;
        }

        @Override
        public Random random() {
            return random;
        }

        @Override
        public Path folder() {
            return folder;
        }

        @Override
        public void hold(int fromMillis, int toMillis) throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(time(fromMillis, toMillis));
        }

        @Override
        public void report(String text) {
            out.println(text);
        }

        @Override
        public int time(int fromMillis, int toMillis) {
            return options.holdMillis() > 0 ? options.holdMillis() : fromMillis + random.nextInt(toMillis - fromMillis);
        }

        @Override
        public void stopCleanly() throws InterruptedException {
            CaravanProcess program = testbed.program();
            long at = System.currentTimeMillis();
            int code = program.terminate();
            String last = program.output().strip().lines().reduce("", (before, line) -> line);
            if (code != 0 || !last.matches(".*Processed \\d+ messages")) {
                unclean.add(new Finding(Kind.UNCLEAN_STOP, null, number, "exit code " + code + ", last line: " + last));
            }
            caller.cuts().stream()
                    .filter(cut -> cut.startedAt() < at && cut.endedAt() >= at)
                    .forEach(cut -> unclean.add(new Finding(
                            Kind.UNCLEAN_STOP,
                            cut.messageId(),
                            number,
                            (at - cut.startedAt()) + " ms before SIGTERM")));
        }
    }
}
