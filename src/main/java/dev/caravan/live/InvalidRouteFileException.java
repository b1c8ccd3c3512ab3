package dev.caravan.live;

import dev.caravan.platform.context.ErrorText;
import org.apache.camel.util.ObjectHelper;

/** A route file that is not taken, with the place and the reason in words; nothing has been changed by it. */
public class InvalidRouteFileException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final int column;

    /** @param line from 1, as the column; 0 where the whole file is meant */
    InvalidRouteFileException(String file, int line, int column, String reason) {
        super(reason, null, false, false);
        this.file = file;
        this.line = line;
        this.column = column;
    }

    /** A failure and its causes as one line. The message of an error is often no more than the name of a class. */
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

    /** {@code orders.camel.yaml:12:7: reason}, as compilers say it. */
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line + ":" + column : "") + ": " + getMessage();
    }
}
