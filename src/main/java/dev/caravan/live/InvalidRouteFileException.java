package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ErrorText;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.util.ObjectHelper;

/** A rejected route file, with position and reason of one mistake. The running routes are unchanged. */
public class InvalidRouteFileException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final int column;
    private List<InvalidRouteFileException> others = List.of();

    /** For the whole file; its name is empty if the mistake is in none. */
    InvalidRouteFileException(String file, String reason) {
        this(file, 0, 0, reason);
    }

    /**
     * For the first character of a line.
     *
     * @param file null if the mistake is in none
     * @param line 0 or less stands for the whole file
     */
    InvalidRouteFileException(RouteFile file, int line, String reason) {
        this(
                file == null ? "" : file.name(),
                file == null ? 0 : Math.max(line, 0),
                file == null || line <= 0 ? 0 : file.column(line),
                reason);
    }

    /** @param line starts at 1, like the column; 0 stands for the whole file */
    InvalidRouteFileException(String file, int line, int column, String reason) {
        super(reason, null, false, false);
        this.file = file;
        this.line = line;
        this.column = column;
    }

    /**
     * One exception for several mistakes. A missing schema comes first, because it alone ends a start.
     *
     * @param mistakes at least one; those in another file than the first are left out
     */
    static InvalidRouteFileException of(List<InvalidRouteFileException> mistakes) {
        InvalidRouteFileException first = mistakes.stream()
                .filter(MissingSchemaException.class::isInstance)
                .findFirst()
                .orElse(mistakes.get(0));
        first.others = mistakes.stream()
                .filter(each -> each != first && each.file.equals(first.file))
                // Camel says it again, in more words, when it creates the endpoint.
                .filter(each -> mistakes.stream()
                        .noneMatch(said -> said != each
                                && said.line == each.line
                                && each.getMessage().endsWith(" " + said.getMessage())))
                .toList();
        return first;
    }

    /** This and all other known mistakes in the file, each place and reason once, from top to bottom. */
    List<InvalidRouteFileException> all() {
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

    /** Line and column only where they are known. */
    void describe(ObjectNode error) {
        if (line > 0) {
            error.put("line", line).put("column", column);
        }
        error.put("reason", getMessage());
    }

    /** {@code orders.camel.yaml:12:7: reason}, the format of compilers. */
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line + ":" + column : "") + ": " + getMessage();
    }
}
