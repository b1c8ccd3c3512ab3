package dev.caravan.platform.context;

/**
 * Escapes untrusted text for a log line: each character that could end the line or change its direction is replaced by
 * its code.
 */
public final class EscapedText {

    private EscapedText() {}

    /** @param length maximum characters to show; {@code …} replaces the rest */
    public static String line(String text, int length) {
        if (isPlain(text, Math.min(text.length(), length))) {
            return text.length() > length ? text.substring(0, length) + '…' : text;
        }
        StringBuilder line = new StringBuilder(Math.min(text.length(), length) + 1);
        text.codePoints().limit(length).forEach(c -> append(line, c));
        return text.codePointCount(0, text.length()) > length ? line.append('…').toString() : line.toString();
    }

    /** Whether the first characters are printable ASCII, as in nearly all lines and payloads. */
    public static boolean isPlain(String text, int length) {
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if ((c < ' ' || c > '~') && c != '…') {
                return false;
            }
        }
        return true;
    }

    public static void append(StringBuilder line, int c) {
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
