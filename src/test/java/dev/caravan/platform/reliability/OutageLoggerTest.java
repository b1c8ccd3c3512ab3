package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class OutageLoggerTest {

    private final Logger log = (Logger) LoggerFactory.getLogger(OutageLogger.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final OutageLogger outageLogger = new OutageLogger();

    @BeforeEach
    void attachAppender() {
        lines.start();
        log.addAppender(lines);
    }

    @AfterEach
    void detachAppender() {
        log.detachAppender(lines);
    }

    @Test
    void logsAnOutageOnceForManyRecords() {
        outageLogger.process(failed(new SQLTransientConnectionException("refused")));
        outageLogger.process(failed(new RuntimeException(new SQLTransientConnectionException("refused"))));

        assertThat(lines()).containsExactly("The database is unavailable. Records wait in place: refused");
    }

    @Test
    void doesNotLogOtherFailures() {
        outageLogger.process(failed(new IllegalStateException("other")));

        assertThat(lines()).isEmpty();
    }

    private static Exchange failed(Exception failure) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    private List<String> lines() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
