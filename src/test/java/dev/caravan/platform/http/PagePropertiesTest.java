package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

class PagePropertiesTest {

    private static final CamelContext CONTEXT = new DefaultCamelContext();

    @Provide
    static Arbitrary<String> numbers() {
        return Arbitraries.oneOf(
                Arbitraries.of("", "0", "-0", "+1", "1", "200", "201", "9223372036854775807", "9223372036854775808"),
                Arbitraries.strings(),
                Arbitraries.strings()
                        .withChars("+-0123456789.eEx, \u0661\uff11\0")
                        .ofMaxLength(25),
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.bigIntegers().map(String::valueOf));
    }

    @Property
    void acceptsOnlyParametersInRange(@ForAll("numbers") String limit, @ForAll("numbers") String after) {
        Message message = new DefaultExchange(CONTEXT).getMessage();
        message.setHeader("limit", limit);
        message.setHeader("after", after);
        try {
            Page.read(message, 0);

            assertThat(message.getHeader("fetch", Long.class)).isBetween(2L, Page.MAX_LIMIT + 1L);
            assertThat(message.getHeader("after", Long.class)).isNotNegative();
        } catch (ProblemException problemException) {
            assertThat(problemException.status()).isEqualTo(400);
            assertThat(problemException.errors()).isNotEmpty();
        }
    }

    @Property
    void aPageContinuesAfterThePreviousOne(@ForAll @LongRange(min = 1) long last) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        Message message = exchange.getMessage();
        message.setHeader("limit", "1");
        Page.read(message, 0);
        message.setBody(List.of(Map.of("id", last), Map.of("id", 0L)));
        String next = Page.of(exchange, "items", "id", row -> Json.MAPPER.createObjectNode())
                .path("next")
                .asText();

        message.setHeader("after", next);
        Page.read(message, 0);

        assertThat(message.getHeader("after")).isEqualTo(last);
    }
}
