package dev.caravan.capability.deadletters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.ProblemException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

class DeadLetterFilterPropertiesTest {

    private static final CamelContext CONTEXT = new DefaultCamelContext();
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST =
            LocalDate.of(9999, 12, 31).atStartOfDay().toInstant(ZoneOffset.UTC);

    @Provide
    static Arbitrary<String> times() {
        return Arbitraries.oneOf(
                Arbitraries.of(Instant.MIN, Instant.MAX, FIRST, LAST, FIRST.minusMillis(1), LAST.plusMillis(1))
                        .map(Instant::toString),
                Arbitraries.longs()
                        .between(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond())
                        .map(second -> Instant.ofEpochSecond(second).toString()),
                Arbitraries.strings().withChars("0123456789-+:.TZ").ofMaxLength(30),
                Arbitraries.strings());
    }

    @Property
    void timeIsSupportedByEveryDatabaseOrRejected(@ForAll("times") String since, @ForAll("times") String until) {
        isTakenOrRefused(Map.of("since", since, "until", until));
    }

    @Property
    void acceptsAnySearchText(@ForAll String text) {
        Map<String, Object> asked = new HashMap<>();
        for (String name : new String[] {"topic", "reason", "exception", "key", "text", "fingerprint", "state"}) {
            asked.put(name, text);
        }
        isTakenOrRefused(asked);
    }

    private static void isTakenOrRefused(Map<String, Object> asked) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        Message message = exchange.getMessage();
        message.setHeaders(new HashMap<>(asked));
        try {
            new DeadLetterFilter.PageQuery().process(exchange);

            assertThat(message.getHeader("since", Timestamp.class).toInstant()).isBetween(FIRST, LAST);
            assertThat(message.getHeader("until", Timestamp.class).toInstant()).isBetween(FIRST, LAST);
        } catch (ProblemException problemException) {
            assertThat(problemException.status()).isEqualTo(400);
            assertThat(problemException.errors()).isNotEmpty();
        }
    }
}
