package dev.caravan.platform.settings;

import java.util.Map;
import java.util.regex.Pattern;

/** Masks passwords and tokens in error messages. */
public final class Secrets {

    private static final String MASK = "***";

    /** Up to the last {@code @}, because an unencoded password may contain one. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s\"?;]*(?=@)");

    private static final Pattern PASSWORD =
            Pattern.compile("(?i)(password\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s;&,\"']+)");

    /** Shorter values are not masked, because they may be part of any word. */
    private static final int MIN_LENGTH = 4;

    private Secrets() {}

    /** Masks credentials in URLs and values of {@code password=}. */
    public static String masked(String text) {
        return PASSWORD.matcher(USER_INFO.matcher(text).replaceAll(MASK)).replaceAll("$1" + MASK);
    }

    /** Also masks the values of secret settings. */
    public static String masked(String text, Map<String, String> environment) {
        String masked = text;
        for (Setting setting : Setting.ALL) {
            String value = environment.getOrDefault(setting.variable(), "");
            if (setting.isSecret() && value.length() >= MIN_LENGTH) {
                masked = masked.replace(value, MASK);
            }
        }
        return masked(masked);
    }
}
