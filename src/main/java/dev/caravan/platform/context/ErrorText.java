package dev.caravan.platform.context;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.sql.BatchUpdateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An exception and its causes as one line, without repetitions and without the SQL statement that H2 and Spring add.
 */
public final class ErrorText {

    /** H2 adds the whole statement and its own error code. */
    private static final Pattern STATEMENT = Pattern.compile("; SQL statement:.*", Pattern.DOTALL);

    private static final int MAX_CAUSES = 50;
    private static final String CUT = "…";

    private ErrorText() {}

    public static String line(Throwable failure) {
        return String.join(": ", texts(failure));
    }

    /** Like {@link #line(Throwable)}; a line that is too long is shortened before the root cause. */
    public static String line(Throwable failure, int length) {
        String line = line(failure);
        if (line.length() <= length) {
            return line;
        }
        List<String> texts = texts(failure);
        String root = texts.get(texts.size() - 1);
        int left = length - root.length() - CUT.length() - 2;
        return left > 0 ? cut(line, left) + CUT + ": " + root : cut(root, length) + CUT;
    }

    /** The message of the root cause. */
    public static String root(Throwable failure, int length) {
        List<Throwable> chain = chain(failure);
        String text = text(chain.get(chain.size() - 1));
        return text.length() <= length ? text : cut(text, length) + CUT;
    }

    private static List<String> texts(Throwable failure) {
        List<String> texts = new ArrayList<>();
        for (Throwable each : chain(failure)) {
            String text = text(each);
            if (!isWrapper(each) && texts.stream().noneMatch(earlier -> earlier.contains(text))) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static List<Throwable> chain(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, ErrorText::cause)
                .limit(MAX_CAUSES)
                .toList();
    }

    /** A JDBC driver reports the failure of a batch as its next exception. */
    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause == null && failure instanceof BatchUpdateException batch) {
            return batch.getNextException();
        }
        return cause == failure ? null : cause;
    }

    /** Whether the exception adds nothing to its cause. */
    private static boolean isWrapper(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause == null) {
            return false;
        }
        String name = failure.getClass().getName();
        return failure.getMessage() == null
                || failure.getMessage().startsWith(cause.getClass().getName())
                || failure instanceof BatchUpdateException
                || failure instanceof ExecutionException
                || failure instanceof CompletionException
                || failure instanceof InvocationTargetException
                || failure instanceof UndeclaredThrowableException
                || name.equals("org.apache.camel.CamelExecutionException")
                || name.equals("org.apache.camel.RuntimeCamelException")
                || name.startsWith("org.springframework.");
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return STATEMENT
                .matcher(message)
                .replaceFirst("")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String cut(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
