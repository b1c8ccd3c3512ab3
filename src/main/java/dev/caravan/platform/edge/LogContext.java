package dev.caravan.platform.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.slf4j.MDC;

/**
 * Route, trace and message of this thread's log lines ({@link MDC}). A request thread has them while it handles one
 * request or writes one line, a consumer thread until its next record.
 */
public final class LogContext implements AutoCloseable {

    public static final String ROUTE = "route";
    public static final String TRACE = "trace_id";
    public static final String MESSAGE = "message_id";

    private final List<String> addedKeys = new ArrayList<>(3);

    private LogContext() {}

    /** Adds the values of this exchange until closed. Existing values stay. */
    public static LogContext of(Exchange exchange) {
        return of(exchange, exchange.getFromRouteId());
    }

    public static LogContext of(Exchange exchange, String routeId) {
        LogContext logContext = new LogContext();
        logContext.add(ROUTE, routeId);
        logContext.add(TRACE, TraceParent.traceId(exchange));
        logContext.add(MESSAGE, exchange.getProperty(RequestValidator.MESSAGE_ID, String.class));
        return logContext;
    }

    private void add(String key, String value) {
        if (value != null && MDC.get(key) == null) {
            MDC.put(key, value);
            addedKeys.add(key);
        }
    }

    /** Logs without context, for a line that concerns more than the thread's current record. */
    public static void none(Runnable log) {
        Map<String, String> saved = MDC.getCopyOfContextMap();
        MDC.clear();
        try {
            log.run();
        } finally {
            if (saved != null) {
                MDC.setContextMap(saved);
            }
        }
    }

    @Override
    public void close() {
        addedKeys.forEach(MDC::remove);
    }
}
