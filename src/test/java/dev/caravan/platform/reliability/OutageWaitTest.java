package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLTransientConnectionException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutageWaitTest {

    @ParameterizedTest(name = "unavailable {0}, wait {1} -> {2}")
    @CsvSource({"true, 1, true", "true, 20, true", "true, 21, false", "false, 1, false"})
    void waitsWhileTheDatabaseIsUnavailable(boolean unavailable, int wait, boolean waits) {
        OutageWait outage = new OutageWait();
        outage.setMaxWaits(20);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(
                Exchange.EXCEPTION_CAUGHT,
                unavailable ? new SQLTransientConnectionException("refused") : new IllegalStateException("other"));
        exchange.getMessage().setHeader(Exchange.REDELIVERY_COUNTER, wait);

        assertThat(outage.matches(exchange)).isEqualTo(waits);
    }
}
