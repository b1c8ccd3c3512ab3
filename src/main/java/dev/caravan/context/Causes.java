package dev.caravan.context;

import java.util.LinkedHashSet;
import java.util.Set;

/** An exception and its causes as one line, each thing said once. */
public final class Causes {

    private Causes() {}

    public static String line(Throwable failure) {
        Set<String> said = new LinkedHashSet<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            String line = text.replaceAll("\\s+", " ").strip();
            if (said.stream().noneMatch(earlier -> earlier.contains(line))) {
                said.add(line);
            }
        }
        return String.join(": ", said);
    }
}
