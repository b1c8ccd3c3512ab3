package dev.caravan.platform.settings;

import dev.caravan.platform.context.Spelling;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds misspelt settings in the environment. Many variables of other programs also begin with {@code KAFKA_},
 * {@code HTTP_} or {@code DATABASE_}, such as KAFKA_HOME, HTTP_PROXY and, in Kubernetes, KAFKA_SERVICE_PORT. So a
 * variable counts only if its name is close to a setting's name, or has three or more words and the first two are those
 * of a setting.
 */
final class MisspeltSettings {

    /** Variables of the launcher and the JVM. */
    private static final List<String> LAUNCHER =
            List.of("JAVA_HOME", "JAVA_OPTS", "CARAVAN_HEAP", "CARAVAN_GC", "CARAVAN_SHARED");

    private static final int LONG_NAME = 8;

    private MisspeltSettings() {}

    /** An error line for each misspelt variable. */
    static List<String> problems(Collection<String> variables) {
        return variables.stream()
                .sorted()
                .flatMap(variable -> meant(variable).stream()
                        .map(setting -> variable + " is not a setting and is ignored; did you mean " + setting + "?"))
                .toList();
    }

    private static Optional<String> meant(String variable) {
        List<String> names = Stream.concat(Setting.ALL.stream().map(Setting::variable), LAUNCHER.stream())
                .toList();
        if (names.contains(variable)) {
            return Optional.empty();
        }
        String upper = variable.toUpperCase(Locale.ROOT);
        String nearest = names.get(0);
        for (String name : names) {
            nearest = Spelling.distance(upper, name) < Spelling.distance(upper, nearest) ? name : nearest;
        }
        // For short names two letters are too many: ROLE and HOME differ by two.
        int maxDistance = nearest.length() < LONG_NAME ? 1 : 2;
        if (Spelling.distance(upper, nearest) <= maxDistance) {
            return Optional.of(nearest);
        }
        String family = family(upper);
        return names.stream()
                .filter(name -> family != null && family.equals(family(name)))
                .reduce((a, b) -> Spelling.distance(upper, b) < Spelling.distance(upper, a) ? b : a);
    }

    /** The first two words of three or more. */
    private static String family(String name) {
        String[] words = name.split("_", 3);
        return words.length < 3 ? null : words[0] + "_" + words[1];
    }
}
