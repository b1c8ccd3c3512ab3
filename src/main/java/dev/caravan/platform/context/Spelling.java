package dev.caravan.platform.context;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Suggestions for misspelt names. */
public final class Spelling {

    private static final int LONG_NAME = 6;

    private Spelling() {}

    /** The names within one edit of an unknown name, or within two edits of a long one; nearest first. */
    public static List<String> closest(String unknown, Collection<String> names) {
        int maxDistance = unknown.length() < LONG_NAME ? 1 : 2;
        return names.stream()
                .filter(name -> distance(unknown, name) <= maxDistance)
                .sorted(Comparator.comparing(name -> distance(unknown, name)))
                .toList();
    }

    /** The number of letters inserted, deleted, replaced or swapped with a neighbour. */
    public static int distance(String a, String b) {
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
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                distances[i][j] = swapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
            }
        }
        return distances[a.length()][b.length()];
    }
}
