package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.sql.SqlConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderPoliciesTest {

    private final HeaderFilterStrategy http = new HttpHeaderPolicy();
    private final HeaderFilterStrategy record = new RecordHeaderPolicy();

    /** Every name that Camel interprets, in four spellings. */
    static Set<String> actedOn() {
        return Stream.of(KafkaConstants.class, Exchange.class, SqlConstants.class)
                .flatMap(type -> Stream.of(type.getFields()))
                .filter(field -> field.getType() == String.class)
                .map(HeaderPoliciesTest::value)
                .filter(name -> name.toLowerCase(Locale.ROOT).matches("(camel|kafka\\.|org\\.apache\\.camel).*"))
                .flatMap(name ->
                        Stream.of(name, name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT), swapped(name)))
                .collect(Collectors.toSet());
    }

    @Test
    void knowsAllHeaderNamesOfCamel() {
        assertThat(actedOn())
                .hasSizeGreaterThan(200)
                .contains(
                        "kafka.OVERRIDE_TOPIC",
                        "KAFKA.OVERRIDE_TOPIC",
                        "CamelHttpResponseCode",
                        "CamelSqlQuery",
                        "cAMELsQLqUERY");
    }

    @ParameterizedTest
    @MethodSource("actedOn")
    void camelHeadersDoNotComeIn(String name) {
        assertThat(http.applyFilterToExternalHeaders(name, "x", null))
                .as("dropped from HTTP")
                .isTrue();
        assertThat(record.applyFilterToExternalHeaders(name, "x", null))
                .as("dropped from a record")
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("actedOn")
    void camelHeadersDoNotGoOut(String name) {
        assertThat(http.applyFilterToCamelHeaders(name, "x", null))
                .as("dropped from an answer")
                .isTrue();
        assertThat(record.applyFilterToCamelHeaders(name, "x", null))
                .as("dropped from a record")
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent",
                "Idempotency-Key",
                "Message-ID",
                "ce-id",
                "Content-Type",
                "limit",
                "userID",
                "Authorization"
            })
    void headersThatRoutesReadComeInOverHttp(String name) {
        assertThat(http.applyFilterToExternalHeaders(name, "x", null)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MessageID",
                "content-type",
                "traceparent",
                "ce_id",
                "x-own",
                "dead-letter-reason",
                "delayed-retry-count"
            })
    void headersOfRecordsPassInBothDirections(String name) {
        assertThat(record.applyFilterToExternalHeaders(name, "x", null)).isFalse();
        assertThat(record.applyFilterToCamelHeaders(name, "x", null)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type",
                "content-type",
                "CONTENT-TYPE",
                "Retry-After",
                "Allow",
                "Link",
                "WWW-Authenticate",
                "Cache-Control"
            })
    void answersHaveOnlyAllowedHeaders(String name) {
        assertThat(http.applyFilterToCamelHeaders(name, "x", null)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Location", "Message-ID", "message-id", "traceparent"})
    void onlyAnswersOfPublishingRoutesHaveAReceipt(String name) {
        Exchange published = new DefaultExchange(new DefaultCamelContext());
        published.setProperty(RequestValidator.MESSAGE_ID, "id-1");
        Exchange read = new DefaultExchange(published.getContext());

        assertThat(http.applyFilterToCamelHeaders(name, "x", published)).isFalse();
        assertThat(http.applyFilterToCamelHeaders(name, "x", read)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "Cookie",
                "Set-Cookie",
                "Host",
                "text",
                "fromID",
                "limit",
                "x-own",
                "traceparent",
                "Idempotency-Key",
                "Content-Length",
                "Transfer-Encoding",
                "Location2",
                "MessageID",
                ""
            })
    void answersHaveNoOtherHeaders(String name) {
        assertThat(http.applyFilterToCamelHeaders(name, "x", null)).isTrue();
    }

    private static String value(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String swapped(String name) {
        return name.codePoints()
                .map(c -> Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
