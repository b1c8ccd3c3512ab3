package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One run of wrk: as many requests as the connections get answered, each sending its next one after the answer. One thread, so
 * that it takes as little of the machine as it can; on a small one it takes some all the same, from whoever is measured.
 */
record Wrk(Report report) {

    private static final Pattern RESULT = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");

    /** What came of a run. */
    record Result(long requests, double seconds, double p50Millis, double p99Millis) {
        double rate() {
            return requests / seconds;
        }
    }

    /** @param what order, send, event or the path of a GET */
    Result run(Launched program, String what, int connections, int seconds, double pauseMillis) throws Exception {
        Process wrk = new ProcessBuilder(List.of(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds + "s",
                        "-s",
                        "bench/load.lua",
                        program.url("/"),
                        "--",
                        what,
                        Long.toString(System.nanoTime(), Character.MAX_RADIX),
                        Double.toString(pauseMillis)))
                .redirectErrorStream(true)
                .start();
        try {
            if (!wrk.waitFor(seconds + 20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("wrk did not end in time");
            }
            String output = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher result = RESULT.matcher(output);
            if (!result.find()) {
                throw new IllegalStateException("wrk failed: " + output);
            }
            long[] numbers = IntStream.rangeClosed(1, 6)
                    .mapToLong(group -> Long.parseLong(result.group(group)))
                    .toArray();
            report.check(numbers[0] > 0, what + ": nothing was answered");
            report.check(numbers[2] == 0, what + ": " + numbers[2] + " answers were not 2xx");
            report.check(numbers[3] == 0, what + ": " + numbers[3] + " connections failed or timed out");
            return new Result(numbers[0], numbers[1] / 1e6, numbers[4] / 1e3, numbers[5] / 1e3);
        } finally {
            wrk.destroyForcibly();
        }
    }

    /** A run as fast as it goes. */
    Sample measure(Launched program, String what, int connections, int seconds) throws Exception {
        double cpu = program.cpuMillis();
        Result result = run(program, what, connections, seconds, 0);
        return new Sample(result.rate(), (program.cpuMillis() - cpu) / result.requests());
    }

    /** The same, and every record whose request was answered must be on the topic. */
    Sample publish(Launched program, String what, int connections, int seconds, Topics topics, String topic)
            throws Exception {
        long before = topics.written(topic);
        double cpu = program.cpuMillis();
        Result result = run(program, what, connections, seconds, 0);
        cpu = program.cpuMillis() - cpu;
        long written = topics.settled(topic) - before;
        // What was in flight when wrk stopped is on the topic, although nobody has read its answer.
        report.check(
                written >= result.requests() && written <= result.requests() + connections,
                what + ": " + result.requests() + " answered, but " + written + " on the topic");
        return new Sample(result.rate(), cpu / result.requests());
    }
}
