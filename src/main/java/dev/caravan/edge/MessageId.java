package dev.caravan.edge;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The name under which a message has its effect once: the client's own if it gave one, else a new UUIDv7. */
public final class MessageId {

    /** The record's header that carries it. */
    public static final String HEADER = "MessageID";

    private static final Pattern VALID = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final TimeBasedEpochGenerator GENERATOR = Generators.timeBasedEpochGenerator();

    private MessageId() {}

    /**
     * @param header gives a request header's text, or null
     * @throws Problem 400 when the client's own is not 1 to 255 visible ASCII characters
     */
    public static String of(Function<String, String> header) {
        for (String name : new String[] {"Idempotency-Key", "Message-ID", "ce-id"}) {
            String given = header.apply(name);
            if (given != null) {
                return checked(given, name);
            }
        }
        return GENERATOR.generate().toString();
    }

    public static boolean isValid(String given) {
        return given != null && VALID.matcher(given).matches();
    }

    public static String checked(String given, String name) {
        if (!isValid(given)) {
            throw Problem.malformed(name + " must be 1 to 255 visible ASCII characters.");
        }
        return given;
    }
}
