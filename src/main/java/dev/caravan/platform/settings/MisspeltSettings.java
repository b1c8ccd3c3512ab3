package dev.caravan.platform.settings;

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
            nearest = distance(upper, name) < distance(upper, nearest) ? name : nearest;
        }
        // For short names two letters are too many: ROLE and HOME differ by two.
        int maxDistance = nearest.length() < LONG_NAME ? 1 : 2;
        if (distance(upper, nearest) <= maxDistance) {
            return Optional.of(nearest);
        }
        String family = family(upper);
        return names.stream()
                .filter(name -> family != null && family.equals(family(name)))
                .reduce((a, b) -> distance(upper, b) < distance(upper, a) ? b : a);
    }

    /** The first two words of three or more. */
    private static String family(String name) {
        String[] words = name.split("_", 3);
        return words.length < 3 ? null : words[0] + "_" + words[1];
    }

    /** Number of letters inserted, deleted, replaced or swapped with their neighbours. */
    static int distance(String a, String b) {
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(
                        distances[i - 1][j - 1] + same, Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
                boolean exchanged =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                distances[i][j] = exchanged ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
            }
        }
        return distances[a.length()][b.length()];
    }
}
