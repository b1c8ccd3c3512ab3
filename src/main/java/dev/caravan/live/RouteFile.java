package dev.caravan.live;

import java.util.regex.Pattern;

/** A route file as it was read. Camel identifies it by {@code location}. */
record RouteFile(String name, String location, String text) {

    boolean isYaml() {
        return name.endsWith(".yaml");
    }

    /** The first line that contains the text, counted from 1; 0 if none does. */
    int line(String content) {
        int at = text.indexOf(content);
        return at < 0
                ? 0
                : 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    }

    /** Corrects Camel's line number, which is one too low for a value such as <code>to: { uri: … }</code>. */
    int line(int reported, String key) {
        String[] lines = lines();
        boolean tooLow =
                !begins(lines, reported, key) || content(lines, reported).startsWith(key + ": {");
        return tooLow && begins(lines, reported + 1, key) ? reported + 1 : reported;
    }

    /** The nearest line at or above the given one that begins with the key; 0 if none does. */
    int lineUpwards(int line, String key) {
        String[] lines = lines();
        int above = line;
        while (above > 0 && !begins(lines, above, key)) {
            above--;
        }
        return Math.max(above, 0);
    }

    /** The line of an option of the endpoint that begins at the given line; the given line if they share it. */
    int lineWithin(int line, String option) {
        String[] lines = lines();
        int minColumn = begins(lines, line, "uri") ? column(line) : column(line) + 1;
        int below = line + 1;
        while (below <= lines.length
                && (lines[below - 1].isBlank() || column(below) >= minColumn)
                && !begins(lines, below, "steps")) {
            if (begins(lines, below, option)) {
                return below;
            }
            below++;
        }
        return line;
    }

    /** The first line at or below the given one that contains the word; the given line if none does. */
    int lineBelow(int line, String word) {
        String[] lines = lines();
        Pattern whole = Pattern.compile("(?i)(?<!\\w)" + Pattern.quote(word) + "(?!\\w)");
        for (int below = Math.max(line, 1); below <= lines.length; below++) {
            if (whole.matcher(lines[below - 1]).find()) {
                return below;
            }
        }
        return line;
    }

    /** The column, counted from 1, of the first character of the line's content. */
    int column(int line) {
        String[] lines = lines();
        return line < 1 || line > lines.length
                ? 1
                : lines[line - 1].length() - content(lines, line).length() + 1;
    }

    private String[] lines() {
        return text.split("\n", -1);
    }

    private static boolean begins(String[] lines, int line, String key) {
        return content(lines, line).startsWith(key + ":");
    }

    private static String content(String[] lines, int line) {
        return line < 1 || line > lines.length ? "" : lines[line - 1].replaceFirst("^[\\s-]*", "");
    }
}
