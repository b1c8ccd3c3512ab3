package dev.caravan.chaos;

import dev.caravan.support.Scrape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Invariants of a program's counters, per consumer and topic, while no message is being processed. */
final class CounterInvariants {

    private CounterInvariants() {}

    /** Descriptions of the broken invariants. */
    static List<String> broken(Scrape scrape) {
        List<String> broken = new ArrayList<>();
        check(scrape, "received", "processed", "failed", broken);
        check(scrape, "failed", "retried", "sent_to_dlq", broken);
        return broken;
    }

    private static void check(Scrape scrape, String whole, String one, String other, List<String> broken) {
        Map<String, Double> ones = count(scrape, one);
        Map<String, Double> others = count(scrape, other);
        count(scrape, whole).forEach((topic, count) -> {
            double sum = ones.getOrDefault(topic, 0.0) + others.getOrDefault(topic, 0.0);
            if (count != sum) {
                broken.add(whole + " " + count + ", " + one + " + " + other + " " + sum + " of " + topic);
            }
        });
    }

    private static Map<String, Double> count(Scrape scrape, String name) {
        Map<String, Double> counts = new TreeMap<>();
        scrape.samples().stream()
                .filter(sample -> sample.name().equals("caravan_" + name + "_total"))
                .forEach(sample -> counts.merge(
                        sample.labels().get("topic") + " by " + sample.labels().get("consumer"),
                        sample.value(),
                        Double::sum));
        return counts;
    }
}
