package dev.caravan.platform.settings;

import dev.caravan.platform.context.Spelling;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds misspelt settings in the environment. Variables of other programs also begin with {@code KAFKA_}, {@code HTTP_}
 * or {@code DATABASE_}, such as KAFKA_HOME, HTTP_PROXY and, in Kubernetes, KAFKA_SERVICE_PORT. So a variable is reported
 * only if its name is close to a setting's name, or if it has three or more words and shares the first two with a
 * setting.
 */
final class MisspeltSettings {

    /** Variables of the launcher and the JVM. */
    private static final List<String> LAUNCHER =
            List.of("JAVA_HOME", "JAVA_OPTS", "CARAVAN_HEAP", "CARAVAN_GC", "CARAVAN_SHARED");

    private MisspeltSettings() {}

    /** An error line for each misspelt variable. */
    static List<String> problems(Collection<String> variables) {
        return variables.stream()
                .sorted()
                .flatMap(variable -> closestSetting(variable).stream()
                        .map(setting -> variable + " is not a setting and is ignored; did you mean " + setting + "?"))
                .toList();
    }

    private static Optional<String> closestSetting(String variable) {
        List<String> names = Stream.concat(Setting.ALL.stream().map(Setting::variable), LAUNCHER.stream())
                .toList();
        if (names.contains(variable)) {
            return Optional.empty();
        }
        String upper = variable.toUpperCase(Locale.ROOT);
        String family = family(upper);
        return Spelling.closest(upper, names).stream().findFirst().or(() -> names.stream()
                .filter(name -> family != null && family.equals(family(name)))
                .min(Comparator.comparingInt(name -> Spelling.distance(upper, name))));
    }

    /** The first two words of a name with three or more; null for other names. */
    private static String family(String name) {
        String[] words = name.split("_", 3);
        return words.length < 3 ? null : words[0] + "_" + words[1];
    }
}
