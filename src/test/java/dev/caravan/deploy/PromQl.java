package dev.caravan.deploy;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the metrics in a PromQL expression, without a full parser. */
final class PromQl {

    private static final Pattern NOT_A_METRIC = Pattern.compile(
            "\"[^\"]*\"" // a text
                    + "|\\{[^}]*}" // label matchers
                    + "|\\[[^]]*]" // a range
                    + "|\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)" // labels
                    + "|\\boffset\\s+\\w+"
                    + "|\\b\\d[\\w.]*"); // a number or a duration
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\w|\\s*\\()");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool");

    private PromQl() {}

    static Set<String> metrics(String expression) {
        Set<String> metrics = new TreeSet<>();
        Matcher name = NAME.matcher(NOT_A_METRIC.matcher(expression).replaceAll(" "));
        while (name.find()) {
            if (!OPERATORS.contains(name.group())) {
                metrics.add(name.group());
            }
        }
        return metrics;
    }
}
