package dev.caravan.operations.commands;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.EscapedText;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Prints lines and tables. Control characters are escaped, so a message's content cannot move the cursor or end a line.
 *
 * @param colour whether states are coloured
 */
record Terminal(PrintStream out, PrintStream err, boolean colour) {

    private static final int MAX_CELL = 100;
    private static final int MAX_LINE = 1000;
    private static final String GAP = "  ";
    private static final Set<String> GOOD = Set.of("processed", "Started", "replayed", "done");
    private static final Set<String> BAD =
            Set.of("dead-lettered", "open", "Stopped", "failed", "discarded", "stopped", "interrupted");

    void line(String text) {
        out.println(EscapedText.line(text, MAX_LINE));
    }

    /** A name followed by its coloured state. */
    void state(String name, String state) {
        out.println(EscapedText.line(name, MAX_LINE) + GAP + coloured(cell(state), cell(state)));
    }

    void json(JsonNode json) {
        out.println(json.toPrettyString());
    }

    /** Replaces the previous progress text, only on a terminal. An empty text removes it. */
    void progress(String text) {
        if (colour) {
            err.print("\r\u001b[K" + EscapedText.line(text, MAX_CELL));
            err.flush();
        }
    }

    void problem(String text) {
        text.lines().forEach(line -> err.println("caravan: " + EscapedText.line(line, MAX_LINE)));
    }

    /** Columns are as wide as their longest cell. States are coloured. */
    void table(List<String> head, List<List<String>> rows) {
        List<List<String>> cells = rows.stream()
                .map(row -> row.stream().map(Terminal::cell).toList())
                .toList();
        int[] widths = IntStream.range(0, head.size())
                .map(at -> Math.max(
                        head.get(at).length(),
                        cells.stream()
                                .mapToInt(row -> row.get(at).length())
                                .max()
                                .orElse(0)))
                .toArray();
        print(head, widths);
        cells.forEach(row -> print(row, widths));
    }

    /** @param columns {@code HEAD=member} for each; items are the rows */
    void table(JsonNode items, String... columns) {
        List<List<String>> rows = new ArrayList<>();
        items.forEach(item -> rows.add(Stream.of(columns)
                .map(column ->
                        item.path(column.substring(column.indexOf('=') + 1)).asText("-"))
                .toList()));
        table(
                Stream.of(columns)
                        .map(column -> column.substring(0, column.indexOf('=')))
                        .toList(),
                rows);
    }

    private void print(List<String> row, int[] widths) {
        out.println(IntStream.range(0, row.size())
                .mapToObj(at ->
                        coloured(row.get(at), at == row.size() - 1 ? row.get(at) : padded(row.get(at), widths[at])))
                .collect(Collectors.joining(GAP))
                .stripTrailing());
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String cell(String text) {
        return text == null ? "-" : EscapedText.line(text, MAX_CELL);
    }

    private String coloured(String state, String text) {
        int code = GOOD.contains(state) ? 32 : BAD.contains(state) ? 31 : 0;
        return colour && code > 0 ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
