package dev.caravan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Collects figures and violations, prints them at once and writes a file at the end. */
final class Report {

    private final int rounds;
    private final List<String> rows = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final double loadBefore = load();

    Report(int rounds) {
        this.rounds = rounds;
    }

    record Side(String name, Sample.Round round) {}

    /**
     * Alternates the rounds of both sides, so that other load on the machine affects both, and reports the medians.
     *
     * @param bar the minimum ratio to aim for
     */
    void compare(String name, double bar, Side one, Side other) throws Exception {
        compare(name, format(" (bar %.2f)", bar), one, other);
    }

    /** Without a bar, for cases that explain another one. */
    void compare(String name, Side one, Side other) throws Exception {
        compare(name, "", one, other);
    }

    private void compare(String name, String bar, Side one, Side other) throws Exception {
        List<Sample> ones = new ArrayList<>();
        List<Sample> others = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            progress(name + ": round " + round + " of " + rounds);
            // The order alternates too, because the first run of a round affects the second.
            if (round % 2 == 1) {
                ones.add(one.round().run());
                others.add(other.round().run());
            } else {
                others.add(other.round().run());
                ones.add(one.round().run());
            }
        }
        double rate = median(ones, Sample::rate);
        double otherRate = median(others, Sample::rate);
        String ratio = format("%.2f", rate / otherRate) + bar;
        String cpu = format("%.3f and %.3f", median(ones, Sample::cpuMillis), median(others, Sample::cpuMillis));
        System.out.println(format("%s: %s %.0f/s, %s %.0f/s, ratio ", name, one.name(), rate, other.name(), otherRate)
                + ratio + ", CPU " + cpu + " ms each");
        rows.add(String.join(" | ", name, spread(one.name(), ones), spread(other.name(), others), ratio, cpu));
    }

    /** Reports figures other than a ratio, with the bar as text. */
    void state(String name, String figures, String bar) {
        System.out.println(name + ": " + figures + " (bar " + bar + ")");
        rows.add(String.join(" | ", name, figures, "", bar, ""));
    }

    /** Records a violation, which invalidates all figures, if the condition is false. */
    void check(boolean holds, String violation) {
        if (!holds) {
            System.out.println("VIOLATED: " + violation);
            violations.add(violation);
        }
    }

    void progress(String what) {
        System.err.println("  … " + what);
    }

    boolean isSound() {
        return violations.isEmpty();
    }

    void write(Path file, String command) throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "# Results of the benchmark",
                "",
                "`" + command + "` on " + LocalDate.now() + ": medians of " + rounds
                        + " interleaved rounds, with the slowest and the fastest in brackets. CPU time of the program's"
                        + " process, per request or record.",
                "",
                machine(),
                "",
                "| Case | Measured | Compared with | Ratio | CPU, ms each |",
                "|---|---|---|---|---|"));
        rows.forEach(row -> lines.add("| " + row + " |"));
        violations.forEach(violation -> lines.addAll(List.of("", "**Violated:** " + violation)));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
        progress("written to " + file);
    }

    private String machine() throws IOException {
        String processor = found("/proc/cpuinfo", "model name.*: ");
        double memory = Long.parseLong(found("/proc/meminfo", "MemTotal:\\s*").replaceAll("\\D", "")) / 1048576.0;
        return format(
                "Machine: %d × %s, %.0f GiB, Linux %s, JDK %s; load before the first round %.1f.",
                Runtime.getRuntime().availableProcessors(),
                processor,
                memory,
                System.getProperty("os.version"),
                Runtime.version(),
                loadBefore);
    }

    private static String found(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.matches(name + ".*"))
                .map(line -> line.replaceFirst(name, ""))
                .findFirst()
                .orElse("?");
    }

    private static double load() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String spread(String name, List<Sample> samples) {
        var rates = samples.stream().mapToDouble(Sample::rate).summaryStatistics();
        return format("%s %.0f/s [%.0f, %.0f]", name, median(samples, Sample::rate), rates.getMin(), rates.getMax());
    }

    static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return quantile(samples.stream().mapToDouble(figure).boxed().toList(), 0.5);
    }

    /** Nearest-rank quantile; NaN without figures. */
    static double quantile(List<Double> figures, double part) {
        List<Double> sorted = figures.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1));
    }

    static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
