package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.LogCapture;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class LogContextTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void contextCoversOneFailedRequest() {
        exchange.getExchangeExtension().setFromRouteId("orders-accept");
        exchange.getMessage().setHeader("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01");
        exchange.setProperty(RequestValidator.MESSAGE_ID, "id-1");
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("broken"));

        try (LogCapture logged = new LogCapture()) {
            new ProblemResponse().process(exchange);

            JsonNode line = logged.json("A request failed").get(0);
            assertThat(line.path("route").asText()).isEqualTo("orders-accept");
            assertThat(line.path("trace_id").asText()).isEqualTo(TRACE);
            assertThat(line.path("message_id").asText()).isEqualTo("id-1");
            assertThat(logged.text()).contains(" orders-accept id-1 A request failed");
        }
        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }

    @Test
    void keepsExistingValues() {
        MDC.put("route", "orders-consume");
        exchange.setProperty(RequestValidator.MESSAGE_ID, "id-1");

        try (LogContext logContext = LogContext.of(exchange, "publish")) {
            assertThat(MDC.get("route")).isEqualTo("orders-consume");
            assertThat(MDC.get("message_id")).isEqualTo("id-1");
        }

        assertThat(MDC.getCopyOfContextMap()).containsOnlyKeys("route");
    }

    @Test
    void noContextWithoutAnExchange() {
        try (LogCapture logged = new LogCapture()) {
            LoggerFactory.getLogger("dev.caravan.Any").info("plain");

            assertThat(logged.text()).matches("\\S+ INFO  dev.caravan.Any plain\n");
            assertThat(logged.json("plain").get(0).has("route")).isFalse();
        }
    }
}
