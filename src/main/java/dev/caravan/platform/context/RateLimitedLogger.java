package dev.caravan.platform.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs the first warning of each cause at once, and further ones at most once a minute, because each record and each
 * request may cause one during an outage. The next line of a cause says how many were suppressed before it; those after
 * the last line are not reported.
 *
 * <p>Causes are kept forever, so they must be few: the name of a component or an exception, never a text with data.
 */
public final class RateLimitedLogger {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long SUPPRESSED = -1;

    private static final class LastCause {
        private boolean logged;
        private long loggedAtNanos;
        private long suppressed;
    }

    private final Map<String, LastCause> causes = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    public RateLimitedLogger() {
        this(System::nanoTime);
    }

    RateLimitedLogger(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Logs at WARN, with SLF4J's format and arguments. */
    public void warn(Logger log, String cause, String format, Object... arguments) {
        long before = suppressedBefore(causes.computeIfAbsent(cause, any -> new LastCause()));
        if (before == 0) {
            log.warn(format, arguments);
        } else if (before != SUPPRESSED) {
            log.warn(format + " (and " + before + " more like it before)", arguments);
        }
    }

    /** @return number of warnings suppressed before this one, or {@link #SUPPRESSED} if it is suppressed itself */
    private long suppressedBefore(LastCause lastCause) {
        synchronized (lastCause) {
            long now = nanoTime.getAsLong();
            if (lastCause.logged && now - lastCause.loggedAtNanos < MINUTE) {
                lastCause.suppressed++;
                return SUPPRESSED;
            }
            long before = lastCause.suppressed;
            lastCause.logged = true;
            lastCause.loggedAtNanos = now;
            lastCause.suppressed = 0;
            return before;
        }
    }
}
