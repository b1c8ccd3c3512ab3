package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageTest {

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private final Message message = exchange.getMessage();

    @ParameterizedTest(name = "limit {0}, after {1}")
    @CsvSource({
        ",    ,                    51,  77",
        "1,   ,                    2,   77",
        "50,  ,                    51,  77",
        "200, ,                    201, 77",
        ",    0,                   51,  0",
        ",    5,                   51,  5",
        "7,   9223372036854775807, 8,   9223372036854775807",
    })
    void readsOneMoreThanTheLimit(String limit, String after, long fetch, long from) {
        message.setHeader("limit", limit);
        message.setHeader("after", after);

        Page.read(message, 77);

        assertThat(message.getHeader("fetch")).isEqualTo(fetch);
        assertThat(message.getHeader("after")).isEqualTo(from);
    }

    @ParameterizedTest(name = "limit {0}, after {1}")
    @CsvSource({
        "0,    , /limit must be a number from 1 to 200",
        "201,  , /limit must be a number from 1 to 200",
        "-1,   , /limit must be a number from 1 to 200",
        "ten,  , /limit must be a number from 1 to 200",
        "1.5,  , /limit must be a number from 1 to 200",
        "'',   , /limit must be a number from 1 to 200",
        "' 1', , /limit must be a number from 1 to 200",
        "99999999999999999999, , /limit must be a number from 1 to 200",
        ", -1, /after must be a number from 0",
        ", 9223372036854775808, /after must be a number from 0",
        ", x,  /after must be a number from 0",
        "0, x, /limit must be a number from 1 to 200",
    })
    void rejectsParametersOutOfRange(String limit, String after, String detail) {
        message.setHeader("limit", limit);
        message.setHeader("after", after);

        ProblemException problemException = catchThrowableOfType(ProblemException.class, () -> Page.read(message, 0));

        assertThat(problemException.status()).isEqualTo(400);
        assertThat(problemException).hasMessage(detail);
    }

    @Test
    void rejectsARepeatedParameter() {
        message.setHeader("limit", List.of("1", "2"));

        assertThat(catchThrowableOfType(ProblemException.class, () -> Page.read(message, 0))
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest(name = "{0} rows at a limit of {1}: {2} items, next {3}")
    @CsvSource({"0, 2, 0,", "1, 2, 1,", "2, 2, 2,", "3, 2, 2, 2", "2, 1, 1, 1"})
    void hasNextOnlyIfThereAreMoreRows(int rows, long limit, int items, Long next) {
        List<Map<String, Object>> found = LongStream.rangeClosed(1, rows)
                .mapToObj(id -> Map.<String, Object>of("id", id))
                .toList();
        message.setBody(found);
        message.setHeader("fetch", limit + 1);

        ObjectNode page = Page.of(
                exchange, "items", "id", row -> Json.MAPPER.createObjectNode().putPOJO("id", row.get("id")));

        assertThat(page.get("items")).hasSize(items);
        assertThat(page.has("next")).isTrue();
        assertThat(page.get("next").isNull() ? null : page.get("next").longValue())
                .isEqualTo(next);
    }

    @Test
    void formatsTimesOfBothDatabasesInUtc() {
        assertThat(Page.time(OffsetDateTime.parse("2026-11-21T08:00:00+02:00"))).isEqualTo("2026-11-21T06:00:00Z");
        assertThat(Page.time(Timestamp.from(Instant.parse("2026-11-21T06:00:00Z"))))
                .isEqualTo("2026-11-21T06:00:00Z");
        assertThat(Page.time(null)).isNull();
    }
}
