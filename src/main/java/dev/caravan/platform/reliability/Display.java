package dev.caravan.platform.reliability;

import dev.caravan.platform.context.EscapedText;
import java.nio.charset.StandardCharsets;

/** A record as one log line: cut, with line breaks and other control characters escaped. */
final class Display {

    /** Maximum number of characters shown of a payload. */
    static final int LENGTH = 200;

    private Display() {}

    static String received(long count, String topic, byte[] message) {
        String text = message == null
                ? ""
                : new String(message, 0, Math.min(message.length, 4 * (LENGTH + 1)), StandardCharsets.UTF_8);
        return "Received message Count: " + count + ": | Topic (" + topic + ") | Message (" + cut(text) + ")";
    }

    static String cut(String text) {
        return EscapedText.line(text, LENGTH);
    }
}
