package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Runs wrk, whose connections each send the next request after an answer. It uses one thread, to take as little CPU time as possible
 * from the measured program.
 */
record Wrk(Report report) {

    private static final Pattern RESULT = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");

    record Result(long requests, double seconds, double p50Millis, double p99Millis) {
        double rate() {
            return requests / seconds;
        }
    }

    /** @param what order, send, event or the path of a GET */
    Result run(ProgramProcess program, String what, int connections, int seconds, double pauseMillis) throws Exception {
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
            report.check(numbers[0] > 0, what + ": no answers");
            report.check(numbers[2] == 0, what + ": " + numbers[2] + " answers were not 2xx");
            report.check(numbers[3] == 0, what + ": " + numbers[3] + " connections failed or timed out");
            return new Result(numbers[0], numbers[1] / 1e6, numbers[4] / 1e3, numbers[5] / 1e3);
        } finally {
            wrk.destroyForcibly();
        }
    }

    Sample measure(ProgramProcess program, String what, int connections, int seconds) throws Exception {
        double cpu = program.cpuMillis();
        Result result = run(program, what, connections, seconds, 0);
        return new Sample(result.rate(), (program.cpuMillis() - cpu) / result.requests());
    }

    /** Also checks that the record of each answered request is on the topic. */
    Sample publish(ProgramProcess program, String what, int connections, int seconds, Topics topics, String topic)
            throws Exception {
        long before = topics.written(topic);
        double cpu = program.cpuMillis();
        Result result = run(program, what, connections, seconds, 0);
        cpu = program.cpuMillis() - cpu;
        long written = topics.settled(topic) - before;
        // Requests in flight when wrk stopped are on the topic, but not in its count.
        report.check(
                written >= result.requests() && written <= result.requests() + connections,
                what + ": " + result.requests() + " answered, but " + written + " on the topic");
        return new Sample(result.rate(), cpu / result.requests());
    }
}
