package dev.caravan.platform.settings;

import org.apache.camel.util.TimeUtils;

/** Durations of settings: {@code 100ms}, {@code 5s}, {@code 2m}, {@code 24h}, {@code 7d}. */
public final class Durations {

    private Durations() {}

    /** @throws IllegalArgumentException if the text is not a duration */
    public static long millis(String text) {
        if (!text.strip().matches("\\d{1,12}(ms|s|m|h|d)?")) {
            throw new IllegalArgumentException("not a duration: " + text);
        }
        return TimeUtils.toMilliSeconds(text.strip());
    }
}
