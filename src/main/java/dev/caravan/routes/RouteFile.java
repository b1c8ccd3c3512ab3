package dev.caravan.routes;

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
        return !in(camels).startsWith(key + ":") && in(camels + 1).startsWith(key + ":") ? camels + 1 : camels;
    }

    private String in(int line) {
        String[] lines = text.split("\n", -1);
        return line < 1 || line > lines.length ? "" : lines[line - 1].replaceFirst("^[\\s-]*", "");
    }

    /** The column, from 1, in which what stands in that line begins. */
    int column(int line) {
        String[] lines = text.split("\n", -1);
        return line < 1 || line > lines.length ? 1 : lines[line - 1].length() - in(line).length() + 1;
    }
}
