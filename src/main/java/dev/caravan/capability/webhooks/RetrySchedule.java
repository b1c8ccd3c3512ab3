package dev.caravan.capability.webhooks;

import dev.caravan.platform.settings.Durations;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The pauses between the attempts of a delivery, in milliseconds, each with a jitter of 20 %, so that deliveries that failed
 * together are not repeated together.
 */
final class RetrySchedule {

    private static final double JITTER = 0.2;
    private static final long LONGEST_RETRY_AFTER_MILLIS = 86_400_000;
    private static final long SECOND_MILLIS = 1_000;

    private final long[] delays;

    /** @param delays comma-separated durations */
    RetrySchedule(String delays) {
        this.delays =
                Arrays.stream(delays.split(",")).mapToLong(Durations::millis).toArray();
    }

    /**
     * @param attempts number of failed attempts so far
     * @param retryAfter minimum pause, as the endpoint requested
     * @param random from 0 to 1
     * @return the pause before the next attempt; empty if that was the last one
     */
    OptionalLong pause(int attempts, long retryAfter, double random) {
        if (isLast(attempts)) {
            return OptionalLong.empty();
        }
        long pause = (long) (delays[attempts - 1] * (1 - JITTER + 2 * JITTER * random));
        return OptionalLong.of(Math.max(pause, retryAfter));
    }

    /** Whether no attempt follows this number of failed ones. */
    boolean isLast(int attempts) {
        return attempts > delays.length;
    }

    /** Reads {@code Retry-After}, in seconds or as a date, as milliseconds: at most a day, 0 if there is none. */
    static long retryAfter(String header, Instant now) {
        if (header == null) {
            return 0;
        }
        long millis = 0;
        if (header.matches("\\d{1,9}")) {
            millis = Long.parseLong(header) * SECOND_MILLIS;
        } else {
            try {
                millis = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                                .toInstant()
                                .toEpochMilli()
                        - now.toEpochMilli();
            } catch (DateTimeException e) {
                // Ignored, like a missing header.
            }
        }
        return Math.max(0, Math.min(millis, LONGEST_RETRY_AFTER_MILLIS));
    }
}
