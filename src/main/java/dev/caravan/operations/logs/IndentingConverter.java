package dev.caravan.operations.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import dev.caravan.platform.context.EscapedText;

/**
 * {@code %folded(…)} of the text format: indents all lines of an event except the first one, and escapes control
 * characters. So a payload in an exception's message cannot look like another event or move the cursor.
 */
public final class IndentingConverter extends CompositeConverter<ILoggingEvent> {

    private static final String MARGIN = "  ";

    @Override
    protected String transform(ILoggingEvent event, String text) {
        int last = text.length() - 1;
        if (last < 0 || text.charAt(last) == '\n' && EscapedText.isPlain(text, last)) {
            return text;
        }
        StringBuilder folded = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (c == '\n') {
                folded.append('\n').append(i == last || isBlank(text.charAt(i + 1)) ? "" : MARGIN);
            } else if (c == '\t') {
                folded.append('\t');
            } else {
                EscapedText.append(folded, c);
            }
        }
        return folded.toString();
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
