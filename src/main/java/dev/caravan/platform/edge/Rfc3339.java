package dev.caravan.platform.edge;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Timestamps of RFC 3339 that both databases can store: T and Z in either case, an unknown offset, any offset below a
 * day, any number of fraction digits, leap seconds. Rejects years before 1 and after 9999 in UTC, because the databases
 * have no common format for them.
 */
public final class Rfc3339 {

    private static final Pattern TIMESTAMP = Pattern.compile("(\\d{4})-(\\d\\d)-(\\d\\d)[Tt ](\\d\\d):(\\d\\d):(\\d\\d)"
            + "(?:\\.(\\d+))?(?:[Zz]|([+-])([01]\\d|2[0-3]):([0-5]\\d))");
    private static final int NANO_DIGITS = 9;
    private static final int LEAP = 60;
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("9999-12-31T23:59:59.999999500Z");

    private Rfc3339() {}

    /** Empty if the text is not a timestamp that both databases can store. Cuts digits beyond nanoseconds. */
    public static Optional<Instant> parse(String text) {
        Matcher part = TIMESTAMP.matcher(text);
        if (!part.matches()) {
            return Optional.empty();
        }
        int second = number(part, 6);
        try {
            Instant instant = LocalDateTime.of(
                            number(part, 1),
                            number(part, 2),
                            number(part, 3),
                            number(part, 4),
                            number(part, 5),
                            Math.min(second, LEAP - 1),
                            nanos(part.group(7)))
                    .toInstant(ZoneOffset.UTC)
                    .minusSeconds(offsetSeconds(part));
            if (second > LEAP || second == LEAP && !isEndOfMonth(instant)) {
                return Optional.empty();
            }
            // As in POSIX and PostgreSQL, a leap second equals the next second.
            Instant stored = second == LEAP ? instant.plusSeconds(1) : instant;
            return Optional.of(stored).filter(each -> !each.isBefore(FIRST) && each.isBefore(END));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The timestamp in a format that both databases accept; null if it is not a timestamp. */
    static String utc(String text) {
        return parse(text).map(DateTimeFormatter.ISO_INSTANT::format).orElse(null);
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    private static int nanos(String digits) {
        return digits == null ? 0 : Integer.parseInt((digits + "0".repeat(NANO_DIGITS)).substring(0, NANO_DIGITS));
    }

    private static int offsetSeconds(Matcher part) {
        if (part.group(8) == null) {
            return 0;
        }
        int seconds = number(part, 9) * 3600 + number(part, 10) * 60;
        return part.group(8).equals("-") ? -seconds : seconds;
    }

    /** A leap second is always the last second of a month in UTC. */
    private static boolean isEndOfMonth(Instant second) {
        LocalDateTime utc = LocalDateTime.ofInstant(second, ZoneOffset.UTC);
        return utc.getHour() == 23
                && utc.getMinute() == 59
                && utc.getDayOfMonth() == YearMonth.from(utc).lengthOfMonth();
    }
}
