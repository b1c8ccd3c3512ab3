package dev.caravan.platform.edge;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import dev.caravan.platform.context.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** The id by which a message is deduplicated: the client's own if it sent one, otherwise a new UUIDv7. */
public final class MessageId {

    /** Its record header. */
    public static final String HEADER = "MessageID";

    /** The rule for ids from clients, as in {@code Message-ID must be …}. */
    public static final String RULE = "must be 1 to 255 visible ASCII characters";

    /** Maximum length of a {@link MessageOwner#scope}. */
    static final int MAX_SCOPE_LENGTH = 64;

    private static final int MAX_LENGTH = 255;
    private static final char SEPARATOR = '|';
    private static final int CUT_PART_LENGTH = 94;
    private static final Pattern FROM_CLIENT = Pattern.compile("[\\x21-\\x7e]{1," + MAX_LENGTH + "}");
    private static final Pattern FULL = Pattern.compile("[\\x21-\\x7e]{1," + (MAX_LENGTH + 1 + MAX_SCOPE_LENGTH) + "}");
    private static final TimeBasedEpochGenerator GENERATOR = Generators.timeBasedEpochGenerator();

    private MessageId() {}

    /**
     * @param header returns the text of a request header, or null
     * @throws ProblemException 400 if the client's id is not 1 to 255 visible ASCII characters
     */
    public static String of(UnaryOperator<String> header) {
        return given(header).orElseGet(MessageId::create);
    }

    /** The client's id, from {@code Idempotency-Key} or else {@code Message-ID}. */
    public static Optional<String> given(UnaryOperator<String> header) {
        for (String name : new String[] {"Idempotency-Key", "Message-ID"}) {
            String given = header.apply(name);
            if (given != null) {
                return Optional.of(checked(given, name));
            }
        }
        return Optional.empty();
    }

    public static String create() {
        return GENERATOR.generate().toString();
    }

    /**
     * {@code source|id}, because only both together identify a CloudEvent. Percent-encodes percent signs, separators and
     * all characters except visible ASCII, so that two events never share an id. An id of more than 255 characters
     * becomes the beginning of both parts plus the SHA-256 of the whole.
     */
    public static String ofCloudEvent(String source, String id) {
        String first = encoded(source);
        String second = encoded(id);
        String whole = first + SEPARATOR + second;
        return whole.length() <= MAX_LENGTH
                ? whole
                : cut(first) + SEPARATOR + cut(second) + SEPARATOR + Sha256.hex(whole);
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each > ' ' && each < 0x7f && each != '%' && each != SEPARATOR) {
                encoded.append((char) each);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return encoded.toString();
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), CUT_PART_LENGTH));
    }

    /** Whether a client may choose this id. */
    public static boolean isValidFromClient(String given) {
        return given != null && FROM_CLIENT.matcher(given).matches();
    }

    /** Whether it is a record's id, which may include the scope of its {@link MessageOwner}. */
    public static boolean isValid(String full) {
        return full != null && FULL.matcher(full).matches();
    }

    public static String checked(String given, String name) {
        if (!isValidFromClient(given)) {
            throw ProblemException.malformed(name + " " + RULE + ".");
        }
        return given;
    }
}
