package dev.caravan.live;

/** A route file as it stood when it was read; {@code location} is what Camel knows it by. */
record RouteFile(String name, String location, String text) {

    boolean isYaml() {
        return name.endsWith(".yaml");
    }

    /** The first line, from 1, in which that stands; 0 where it stands in none. */
    int line(String content) {
        int at = text.indexOf(content);
        return at < 0
                ? 0
                : (int) text.substring(0, at).lines().count() + (text.charAt(Math.max(0, at - 1)) == '\n' ? 1 : 0);
    }

    /** Camel counts a line too few where what a key stands for begins in the line of the key. */
    int line(int camels, String key) {
        String[] lines = lines();
        return !begins(lines, camels, key) && begins(lines, camels + 1, key) ? camels + 1 : camels;
    }

    /** The nearest line, from that one upwards, that begins with the key; 0 where none does. */
    int lineUpwards(int line, String key) {
        String[] lines = lines();
        int above = line;
        while (above > 0 && !begins(lines, above, key)) {
            above--;
        }
        return Math.max(above, 0);
    }

    /** The column, from 1, in which what stands in that line begins. */
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
