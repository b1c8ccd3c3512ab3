package dev.caravan.platform.settings;

import java.util.Map;
import java.util.regex.Pattern;

/** Keeps passwords and tokens out of the lines that say what is wrong. */
public final class Secrets {

    private static final String MASK = "***";

    /** Up to the last {@code @}: a password that was not encoded may hold one. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s\"?;]*(?=@)");

    private static final Pattern PASSWORD =
            Pattern.compile("(?i)(password\\s*[=:]\\s*)(\"[^\"]*\"|'[^']*'|[^\\s;&,\"']+)");

    /** A shorter value may be a part of any word, and to mask it would make a line unreadable. */
    private static final int SHORTEST = 4;

    private Secrets() {}

    /** The text without the users and passwords of URLs, and without what is given as a password. */
    public static String masked(String text) {
        return PASSWORD.matcher(USER_INFO.matcher(text).replaceAll(MASK)).replaceAll("$1" + MASK);
    }

    /** Also without the values of the settings that are secret. */
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
