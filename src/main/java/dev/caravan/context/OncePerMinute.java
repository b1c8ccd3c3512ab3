package dev.caravan.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Warns of each cause at once and then no more than once a minute: while something is away, each record and each request
 * would say so. The next line of that cause tells how many were held back; those behind the last one are told by none.
 *
 * <p>A cause is remembered for ever, so there must be few: the name of a part or of an exception, never a text with data in it.
 */
public final class OncePerMinute {

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final long HELD_BACK = -1;

    private static final class Cause {
        private boolean said;
        private long saidAt;
        private long heldBack;
    }

    private final Map<String, Cause> causes = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    public OncePerMinute() {
        this(System::nanoTime);
    }

    OncePerMinute(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Logs at WARN, with SLF4J's format and arguments. */
    public void warn(Logger log, String cause, String format, Object... arguments) {
        long before = pass(causes.computeIfAbsent(cause, any -> new Cause()));
        if (before == 0) {
            log.warn(format, arguments);
        } else if (before != HELD_BACK) {
            log.warn(format + " (and " + before + " more like it before)", arguments);
        }
    }

    /** @return how many were held back before this one, or that it is held back itself */
    private long pass(Cause cause) {
        synchronized (cause) {
            long now = nanoTime.getAsLong();
            if (cause.said && now - cause.saidAt < MINUTE) {
                cause.heldBack++;
                return HELD_BACK;
            }
            long before = cause.heldBack;
            cause.said = true;
            cause.saidAt = now;
            cause.heldBack = 0;
            return before;
        }
    }
}
