package dev.caravan.capability.webhooks;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The URL of an endpoint. Rejects hosts that programs parse in different ways: numbers, octal or hexadecimal addresses, user
 * names, letters beyond ASCII.
 */
record WebhookUrl(String host, int port, boolean isSecure, String path) {

    static final String RULE = "must be an https URL with a host name or an IP address, without user name and fragment";

    private static final int MAX_LENGTH = 2_000;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int MAX_PORT = 65_535;

    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern HOST = Pattern.compile(
            "([a-z0-9_-]{1,63}\\.)*[a-z][a-z0-9-]{0,62}|(" + BYTE + "\\.){3}" + BYTE + "|\\[[0-9a-f:.]+]");

    /** @throws IllegalArgumentException if it is not a URL of an endpoint */
    static WebhookUrl of(String text) {
        try {
            URI uri = new URI(text);
            boolean secure = "https".equalsIgnoreCase(uri.getScheme());
            String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
            if (text.length() > MAX_LENGTH
                    || !secure && !"http".equalsIgnoreCase(uri.getScheme())
                    || uri.getRawUserInfo() != null
                    || uri.getRawFragment() != null
                    || uri.getPort() == 0
                    || uri.getPort() > MAX_PORT
                    || !HOST.matcher(host).matches()) {
                throw new IllegalArgumentException(RULE);
            }
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return new WebhookUrl(
                    host,
                    uri.getPort() > 0 ? uri.getPort() : secure ? HTTPS : HTTP,
                    secure,
                    uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(RULE, e);
        }
    }

    /** Whether the host is an address, so that it can be checked without a lookup. */
    boolean isAddress() {
        return host.startsWith("[") || host.matches("[\\d.]+");
    }
}
