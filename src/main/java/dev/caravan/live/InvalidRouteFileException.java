package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ErrorText;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.util.ObjectHelper;

/** A rejected route file, with the position and reason of one mistake. The running routes are unchanged. */
public class InvalidRouteFileException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final int column;
    private List<InvalidRouteFileException> others = List.of();

    /** For a whole file; the name is empty if the mistake is in none. */
    InvalidRouteFileException(String file, String reason) {
        this(file, 0, 0, reason);
    }

    /**
     * For the first character of a line.
     *
     * @param file null if the mistake is in none
     * @param line 0 or less for the whole file
     */
    InvalidRouteFileException(RouteFile file, int line, String reason) {
        this(
                file == null ? "" : file.name(),
                file == null ? 0 : Math.max(line, 0),
                file == null || line <= 0 ? 0 : file.column(line),
                reason);
    }

    /** @param line counted from 1, like the column; 0 for the whole file */
    InvalidRouteFileException(String file, int line, int column, String reason) {
        super(reason, null, false, false);
        this.file = file;
        this.line = line;
        this.column = column;
    }

    /**
     * One exception for several mistakes in one file. A missing schema comes first, because it aborts the start.
     *
     * @param mistakes at least one; those in other files than the first one are left out
     */
    static InvalidRouteFileException of(List<InvalidRouteFileException> mistakes) {
        InvalidRouteFileException first = mistakes.stream()
                .filter(MissingSchemaException.class::isInstance)
                .findFirst()
                .orElse(mistakes.get(0));
        first.others = mistakes.stream()
                .filter(each -> each != first && each.file.equals(first.file))
                // Camel repeats a mistake, in a longer sentence, when it creates the endpoint.
                .filter(each -> mistakes.stream()
                        .noneMatch(other -> other != each
                                && other.line == each.line
                                && each.getMessage().endsWith(" " + other.getMessage())))
                .toList();
        return first;
    }

    /** All known mistakes in the file, each position and reason once, from top to bottom. */
    List<InvalidRouteFileException> mistakes() {
        Map<String, InvalidRouteFileException> all = new LinkedHashMap<>();
        Stream.concat(Stream.of(this), others.stream())
                .sorted(Comparator.comparingInt(InvalidRouteFileException::line)
                        .thenComparingInt(InvalidRouteFileException::column))
                .forEach(each -> all.putIfAbsent(each.toString(), each));
        return List.copyOf(all.values());
    }

    /** A failure and its causes as one line. The message of an {@link Error} is often only a class name. */
    static String reason(Throwable failure) {
        Error error = ObjectHelper.getException(Error.class, failure);
        String line = ErrorText.line(failure);
        String name = error == null ? "" : error.getClass().getSimpleName();
        return line.contains(name) ? line : name + ": " + line;
    }

    public String file() {
        return file;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }

    /** Adds the reason, and the position if it is known. */
    void describe(ObjectNode error) {
        if (line > 0) {
            error.put("line", line).put("column", column);
        }
        error.put("reason", getMessage());
    }

    /** {@code orders.camel.yaml:12:7: reason}, as compilers print it. */
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line + ":" + column : "") + ": " + getMessage();
    }
}
