package dev.caravan.platform.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs the first warning of each cause at once, and further ones at most once a minute, because during an outage each
 * record and each request may cause one. Each line reports the number of warnings suppressed since the previous line.
 *
 * <p>Causes are kept forever, so they must be few: the name of a component or an exception, never a text with data.
 */
public final class RateLimitedLogger {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private static final class Cause {
        /** Null before the first line. */
        private Long loggedAtNanos;

        private long suppressed;
    }

    private final Map<String, Cause> causes = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    public RateLimitedLogger() {
        this(System::nanoTime);
    }

    RateLimitedLogger(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Logs at WARN, with SLF4J's format and arguments. */
    public void warn(Logger log, String cause, String format, Object... arguments) {
        Cause last = causes.computeIfAbsent(cause, any -> new Cause());
        long suppressed;
        synchronized (last) {
            long now = nanoTime.getAsLong();
            if (last.loggedAtNanos != null && now - last.loggedAtNanos < MINUTE) {
                last.suppressed++;
                return;
            }
            suppressed = last.suppressed;
            last.suppressed = 0;
            last.loggedAtNanos = now;
        }
        log.warn(suppressed == 0 ? format : format + " (and " + suppressed + " similar ones before)", arguments);
    }
}
