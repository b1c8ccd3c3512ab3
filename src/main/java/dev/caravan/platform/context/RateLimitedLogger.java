package dev.caravan.platform.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Warns of each cause at once and then no more than once a minute: while something is away, each record and each
 * request would say so. The next line of that cause tells how many were held back; those behind the last one are told
 * by none.
 *
 * <p>A cause is remembered for ever, so there must be few: the name of a part or of an exception, never a text with
 * data in it.
 */
public final class RateLimitedLogger {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long HELD_BACK = -1;

    private static final class LastCause {
        private boolean said;
        private long saidAt;
        private long heldBack;
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
        long before = pass(causes.computeIfAbsent(cause, any -> new LastCause()));
        if (before == 0) {
            log.warn(format, arguments);
        } else if (before != HELD_BACK) {
            log.warn(format + " (and " + before + " more like it before)", arguments);
        }
    }

    /** @return how many were held back before this one, or that it is held back itself */
    private long pass(LastCause lastCause) {
        synchronized (lastCause) {
            long now = nanoTime.getAsLong();
            if (lastCause.said && now - lastCause.saidAt < MINUTE) {
                lastCause.heldBack++;
                return HELD_BACK;
            }
            long before = lastCause.heldBack;
            lastCause.said = true;
            lastCause.saidAt = now;
            lastCause.heldBack = 0;
            return before;
        }
    }
}
