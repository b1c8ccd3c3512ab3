package dev.caravan.edge;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Whether JSON is text that every program reads as the same one: UTF-8, as RFC 8259 asks for between programs, without a byte
 * order mark, and without halves of surrogate pairs. Jackson takes more, but a record keeps the bytes that came: its next
 * reader may not, and no database keeps half a character.
 */
final class Utf8 {

    private static final int HIGH = 0x8;
    private static final int LOW = 0xc;

    private Utf8() {}

    /** @param json that Jackson has read, so that each escape in it is whole */
    static boolean isPlain(byte[] json) {
        boolean ascii = true;
        boolean escapes = false;
        for (byte each : json) {
            // JSON never holds a NUL as it is; UTF-16 and UTF-32 do.
            ascii &= each > 0;
            escapes |= each == '\\';
        }
        return (ascii || isWellFormed(json)) && !(escapes && hasHalf(json));
    }

    private static boolean isWellFormed(byte[] json) {
        for (byte each : json) {
            if (each == 0) {
                return false;
            }
        }
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(json))
                            .charAt(0)
                    != '\uFEFF';
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean hasHalf(byte[] json) {
        for (int at = 0; at < json.length; at++) {
            if (json[at] != '\\') {
                continue;
            }
            if (isHalf(json, at, HIGH) && isHalf(json, at + 6, LOW)) {
                at += 11;
            } else if (isHalf(json, at, HIGH) || isHalf(json, at, LOW)) {
                return true;
            } else {
                // What is escaped may be a backslash itself.
                at++;
            }
        }
        return false;
    }

    /** Whether an escape of a surrogate begins there: D8 to DB are the high ones, DC to DF the low ones. */
    private static boolean isHalf(byte[] json, int at, int from) {
        if (at + 3 >= json.length || json[at] != '\\' || json[at + 1] != 'u' || (json[at + 2] | 0x20) != 'd') {
            return false;
        }
        int digit = Character.digit(json[at + 3], 16);
        return digit >= from && digit < from + 4;
    }
}
