package dev.caravan.operations.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;

/**
 * Drops two log lines of the embedded broker. Its controller expects a heartbeat within 150 ms. On a busy machine the
 * heartbeat is late at nearly every start: the controller logs an error and the broker sends another one, without any
 * effect until the session expires after seconds. A longer limit would also lengthen the interval of heartbeats, and
 * each start waits for several.
 */
public final class HeartbeatFilter extends Filter<ILoggingEvent> {

    private static final Map<String, String> LINES = Map.of(
            "org.apache.kafka.controller.ReplicationControlManager",
                    "controller event queue overloaded. Timed out heartbeat",
            "kafka.server.BrokerLifecycleManager", "heartbeat request but received error REQUEST_TIMED_OUT");

    @Override
    public FilterReply decide(ILoggingEvent event) {
        String line = LINES.get(event.getLoggerName());
        return line != null && event.getFormattedMessage().contains(line) ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
}
