package dev.caravan.platform.settings;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code DATABASE_URL}. A password in it is passed on separately, because drivers, the pool and Flyway print the URL in
 * their error messages.
 */
record DatabaseUrl(String text) {

    static final String EXPECTED = "a URL that begins with jdbc:postgresql: or jdbc:h2:";

    private static final Pattern KNOWN = Pattern.compile("jdbc:(postgresql|h2):.+");
    private static final Pattern USER_INFO = Pattern.compile("jdbc:[a-z0-9]+://[^/?;]*@.*");
    private static final Pattern PASSWORD = Pattern.compile("(?i)([?&;])password=([^&;]*)(&?)");

    boolean isKnown() {
        return text.isEmpty() || KNOWN.matcher(text).matches();
    }

    /** Whether it contains {@code user:password@host}, which the drivers do not support. */
    boolean hasUserInfo() {
        return USER_INFO.matcher(text).matches();
    }

    Optional<String> password() {
        Matcher matcher = PASSWORD.matcher(text);
        return matcher.find()
                ? Optional.of(isH2() ? matcher.group(2) : URLDecoder.decode(matcher.group(2), StandardCharsets.UTF_8))
                : Optional.empty();
    }

    String withoutPassword() {
        // Keeps the question mark of "?password=x&ssl=true"; removes the ampersand of "?ssl=true&password=x".
        return PASSWORD.matcher(text)
                .replaceAll(each -> each.group(3).isEmpty() ? "" : Matcher.quoteReplacement(each.group(1)));
    }

    boolean isH2() {
        return text.startsWith("jdbc:h2:");
    }
}
