package dev.caravan.platform.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.slf4j.MDC;

/**
 * What the lines of this thread's log are about, as members of their own ({@link MDC}). A thread of requests has it
 * only while it writes a line, or while it keeps to one request; a consumer's from one record to the next.
 */
public final class LogContext implements AutoCloseable {

    public static final String ROUTE = "route";
    public static final String TRACE = "trace_id";
    public static final String MESSAGE = "message_id";

    private final List<String> said = new ArrayList<>(3);

    private LogContext() {}

    /** Until it is closed, what is known of this exchange is said too; what is said already stays. */
    public static LogContext of(Exchange exchange) {
        return of(exchange, exchange.getFromRouteId());
    }

    public static LogContext of(Exchange exchange, String routeId) {
        LogContext logContext = new LogContext();
        logContext.say(ROUTE, routeId);
        logContext.say(TRACE, TraceParent.traceId(exchange));
        logContext.say(MESSAGE, exchange.getProperty(RequestValidator.MESSAGE_ID, String.class));
        return logContext;
    }

    private void say(String member, String value) {
        if (value != null && MDC.get(member) == null) {
            MDC.put(member, value);
            said.add(member);
        }
    }

    /** For a line that is about many records, and not about the one that the thread is at. */
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
        said.forEach(MDC::remove);
    }
}
