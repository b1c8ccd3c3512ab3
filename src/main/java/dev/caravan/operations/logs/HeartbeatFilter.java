package dev.caravan.operations.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Map;

/**
 * Drops two lines of the embedded broker. Its controller has 150 ms for a heartbeat, and on a busy machine it is late at nearly
 * each start: it then logs an error, and the broker sends another heartbeat. Only a session that ends, after seconds, has an
 * effect. More time for a heartbeat would be a longer interval between two, and each start waits for some of them.
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
