package dev.caravan.support;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A Prometheus scrape of a program. */
public record Scrape(List<Sample> samples, Map<String, String> types) {

    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)$");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");

    public record Sample(String name, Map<String, String> labels, double value) {}

    public static Scrape of(Http management) {
        return parse(management.get("/observe/metrics").body());
    }

    public static Scrape parse(String text) {
        List<Sample> samples = SAMPLE.matcher(text)
                .results()
                .map(sample -> new Sample(sample.group(1), labels(sample), number(sample.group(3))))
                .toList();
        Map<String, String> types = new TreeMap<>();
        TYPE.matcher(text).results().forEach(type -> types.put(type.group(1), type.group(2)));
        return new Scrape(samples, types);
    }

    private static Map<String, String> labels(MatchResult sample) {
        Map<String, String> labels = new HashMap<>();
        if (sample.group(2) != null) {
            LABEL.matcher(sample.group(2)).results().forEach(label -> labels.put(label.group(1), label.group(2)));
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** All metric names. */
    public Set<String> names() {
        return samples.stream().map(Sample::name).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The values of a metric, summed by one of its labels. */
    public Map<String, Double> by(String label, String name) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .collect(Collectors.groupingBy(
                        sample -> sample.labels().get(label), TreeMap::new, Collectors.summingDouble(Sample::value)));
    }

    /** The sum of a metric over all samples with a label value; empty without such a sample. */
    public OptionalDouble sum(String name, String label, String value) {
        Double sum = by(label, name).get(value);
        return sum == null ? OptionalDouble.empty() : OptionalDouble.of(sum);
    }
}
