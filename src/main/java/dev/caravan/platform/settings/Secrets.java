package dev.caravan.platform.settings;

import java.util.Map;
import java.util.regex.Pattern;

/** Masks passwords and tokens in error messages. */
public final class Secrets {

    private static final String MASK = "***";

    /** Up to the last {@code @}, because a password that is not encoded may contain one. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s\"?;]*(?=@)");

    private static final Pattern PASSWORD =
            Pattern.compile("(?i)(password\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s;&,\"']+)");

    /** Shorter values are not masked: they may be a part of any word, and the message would become unreadable. */
    private static final int SHORTEST = 4;

    private Secrets() {}

    /** Masks users and passwords of URLs and values given as {@code password=}. */
    public static String masked(String text) {
        return PASSWORD.matcher(USER_INFO.matcher(text).replaceAll(MASK)).replaceAll("$1" + MASK);
    }

    /** Also masks the values of secret settings. */
    public static String masked(String text, Map<String, String> environment) {
        String masked = text;
        for (Setting setting : Setting.ALL) {
            String value = environment.getOrDefault(setting.variable(), "");
            if (setting.isSecret() && value.length() >= SHORTEST) {
                masked = masked.replace(value, MASK);
            }
        }
        return masked(masked);
    }
}
