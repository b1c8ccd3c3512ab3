package dev.caravan.platform.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.slf4j.MDC;

/**
 * Route, trace and message of this thread's log lines ({@link MDC}). A request thread has it while it writes a line or
 * handles one request, a consumer thread from one record to the next.
 */
public final class LogContext implements AutoCloseable {

    public static final String ROUTE = "route";
    public static final String TRACE = "trace_id";
    public static final String MESSAGE = "message_id";

    private final List<String> addedKeys = new ArrayList<>(3);

    private LogContext() {}

    /** Adds what is known of this exchange until it is closed; existing values stay. */
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

    private void add(String member, String value) {
        if (value != null && MDC.get(member) == null) {
            MDC.put(member, value);
            addedKeys.add(member);
        }
    }

    /** Logs without context, for a line about many records instead of the thread's current one. */
    public static void none(Runnable log) {
        Map<String, String> subject = MDC.getCopyOfContextMap();
        MDC.clear();
        try {
            log.run();
        } finally {
            if (subject != null) {
                MDC.setContextMap(subject);
            }
        }
    }

    @Override
    public void close() {
        addedKeys.forEach(MDC::remove);
    }
}
