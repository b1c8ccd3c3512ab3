package dev.caravan.operations.logs;

/** Text from outside as part of one line of a log: everything in it that could end or turn a line is written as its code. */
public final class EscapingConverter {

    private EscapingConverter() {}

    /** @param length characters that are shown; what is cut is replaced by {@code …} */
    public static String line(String text, int length) {
        if (isPlain(text, Math.min(text.length(), length))) {
            return text.length() > length ? text.substring(0, length) + '…' : text;
        }
        StringBuilder line = new StringBuilder(Math.min(text.length(), length) + 1);
        text.codePoints().limit(length).forEach(c -> append(line, c));
        return text.codePointCount(0, text.length()) > length ? line.append('…').toString() : line.toString();
    }

    /** Whether that much of it has nothing to escape, as nearly every line and every payload. */
    static boolean isPlain(String text, int length) {
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if ((c < ' ' || c > '~') && c != '…') {
                return false;
            }
        }
        return true;
    }

    static void append(StringBuilder line, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> line.append(String.format("\\u%04x", c));
            default -> line.appendCodePoint(c);
        }
    }
}
