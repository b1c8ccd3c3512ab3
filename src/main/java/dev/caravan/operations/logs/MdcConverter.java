package dev.caravan.operations.logs;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.caravan.platform.edge.LogContext;

/** {@code %about} of the text format: the route and the MessageID, if known, each followed by a space. */
public final class MdcConverter extends ClassicConverter {

    @Override
    public String convert(ILoggingEvent event) {
        return part(event, LogContext.ROUTE) + part(event, LogContext.MESSAGE);
    }

    private static String part(ILoggingEvent event, String member) {
        String value = event.getMDCPropertyMap().get(member);
        return value == null ? "" : value + " ";
    }
}
