package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Records.Written;
import java.lang.reflect.Modifier;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.sql.SqlConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sends every header name that Camel, its Kafka or its SQL component interprets, in four spellings and by every input. None moves
 * a record to another topic, partition or key, changes a statement, or is passed on (CVE-2026-49098).
 */
@ExtendWith(CaravanExtension.class)
class CamelHeadersIT {

    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"7\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";

    /** More would exceed the maximum size of a request's headers. */
    private static final int NAMES_PER_REQUEST = 60;

    /** An existing topic; also serves as key, partition and statement. */
    private static final String VALUE = "comments";

    private static final Pattern RECORDED =
            Pattern.compile("MessageID|content-type|traceparent|ce_[a-z0-9]+|replay-count|caravan-consumer"
                    + "|(dead-letter|delayed-retry)-[a-z-]+");

    private final String id = UUID.randomUUID().toString();
    private final List<String> keys = new ArrayList<>();
    private Program program;
    private Http http;

    @BeforeEach
    void start(Program running) {
        program = running;
        http = running.http();
    }

    @Test
    void haveNoEffectAsRequestHeaders() {
        forEach(names -> http.send("POST", "/order", order(), with(names, "Content-Type", "application/json")));

        areOrders();
    }

    @Test
    void haveNoEffectAsQueryParameters() {
        forEach(names -> http.postJson("/order?" + form(names), order()));

        areOrders();
    }

    @Test
    void haveNoEffectAsFormFields() {
        forEach(names -> http.postForm("/send", "fromID=1&toID=3&message=" + next() + "&" + form(names)));

        List<Written> sent =
                program.records().of("notifications", record -> record.text().contains(id));
        // Unknown fields are rejected, so these records came from requests without any.
        assertThat(sent).allSatisfy(record -> assertThat(record.key()).isEqualTo("3"));
        areNowhereElse();
    }

    @Test
    void haveNoEffectAsCloudEventAttributes() {
        forEach(names -> {
            Map<String, String> attributes = new HashMap<>();
            names.forEach(name -> attributes.put("ce-" + name, VALUE));
            attributes.putAll(Map.of(
                    "ce-specversion",
                    "1.0",
                    "ce-id",
                    next(),
                    "ce-source",
                    "/test",
                    "ce-type",
                    "test",
                    "Content-Type",
                    "application/json"));
            return http.send("POST", "/api/v1/events", "{}", attributes);
        });
        forEach(names -> http.send(
                "POST",
                "/api/v1/events",
                "{\"specversion\":\"1.0\",\"id\":\"" + next() + "\",\"source\":\"/test\",\"type\":\"test\",\"data\":{},"
                        + names.stream()
                                .map(name -> "\"" + name + "\":\"" + VALUE + "\"")
                                .collect(Collectors.joining(","))
                        + "}",
                Map.of("Content-Type", "application/cloudevents+json")));

        program.records()
                .of("events", record -> keys.contains(record.headers().get("MessageID")))
                .forEach(this::isClean);
        areNowhereElse();
    }

    @Test
    void haveNoEffectAsRecordHeaders() {
        forEach(names -> {
            program.records().write("orders", next(), bytes(ORDER.formatted(last())), with(names, "MessageID", last()));
            program.records().write("orders", next(), bytes("no JSON"), with(names, "MessageID", last()));
            return new Answer(202, Map.of(), "");
        });

        for (int i = 0; i < keys.size(); i += 2) {
            String order = keys.get(i);
            await().untilAsserted(() ->
                    assertThat(http.get("/order/" + order).status()).isEqualTo(200));
        }
        Set<String> poisoned = new LinkedHashSet<>();
        for (int i = 1; i < keys.size(); i += 2) {
            poisoned.add(keys.get(i));
        }
        await().untilAsserted(() -> assertThat(
                        program.records().of("orders-dlq", record -> poisoned.contains(record.key())))
                .hasSameSizeAs(poisoned)
                .allSatisfy(
                        record -> assertThat(record.headers().get("MessageID")).isEqualTo(record.key()))
                .allSatisfy(this::isClean));
        areNowhereElse();

        for (String key : poisoned) {
            String letter = await().until(
                            () -> http.get("/api/v1/dead-letters?key=" + key)
                                    .json()
                                    .at("/items/0/id")
                                    .asText(),
                            found -> !found.isEmpty());
            assertThat(http.postJson("/api/v1/dead-letters/" + letter + "/replay", "")
                            .status())
                    .isEqualTo(202);
        }
        assertThat(program.records()
                        .of(
                                "orders-retry-1",
                                record -> poisoned.contains(record.key())
                                        && record.headers().containsKey(ReservedHeaders.REPLAY_COUNT)))
                .hasSameSizeAs(poisoned)
                .allSatisfy(this::isClean);
        areNowhereElse();
    }

    @Test
    void credentialsDoNotReachRecords() {
        Answer answer = http.send(
                "POST",
                "/order",
                order(),
                Map.of(
                        "Content-Type",
                        "application/json",
                        "Authorization",
                        "Bearer " + id,
                        "Cookie",
                        "session=" + id,
                        "Proxy-Authorization",
                        id,
                        "X-Api-Key",
                        id));

        assertThat(answer.status()).isEqualTo(202);
        areOrders();
    }

    private void areOrders() {
        List<Written> orders = program.records().of("orders", record -> keys.contains(record.key()));
        assertThat(orders).hasSameSizeAs(keys).allSatisfy(this::isClean);
        areNowhereElse();
    }

    private void isClean(Written record) {
        assertThat(record.headers().keySet())
                .allMatch(name -> RECORDED.matcher(name).matches());
        // An extension of a CloudEvent may have any name: its header begins with ce_, which nothing interprets.
        assertThat(record.headers().entrySet())
                .noneMatch(header ->
                        header.getValue().equals(VALUE) && !header.getKey().startsWith("ce_"));
        if (record.topic().startsWith("orders")) {
            assertThat(record.partition())
                    .isEqualTo(org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey(
                            bytes(record.key()), program.records().partitions(record.topic())));
        }
    }

    private void areNowhereElse() {
        assertThat(program.records()
                        .of(
                                VALUE,
                                record -> record.text().contains(id)
                                        || String.valueOf(record.headers().get("MessageID"))
                                                .contains(id)))
                .isEmpty();
    }

    private void forEach(Function<List<String>, Answer> sent) {
        List<String> names = names();
        assertThat(names).hasSizeGreaterThan(500);
        for (int from = 0; from < names.size(); from += NAMES_PER_REQUEST) {
            Answer answer = sent.apply(names.subList(from, Math.min(from + NAMES_PER_REQUEST, names.size())));
            assertThat(answer.status()).as(answer.body()).isIn(200, 202, 400);
        }
    }

    private static List<String> names() {
        Set<String> names = new LinkedHashSet<>();
        Stream.of(KafkaConstants.class, Exchange.class, SqlConstants.class)
                .flatMap(constants -> Arrays.stream(constants.getFields()))
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == String.class)
                .map(CamelHeadersIT::value)
                .filter(ReservedHeaders::isCamelHeader)
                .forEach(name -> names.addAll(
                        List.of(name, name.toLowerCase(Locale.ROOT), name.toUpperCase(Locale.ROOT), swapped(name))));
        return List.copyOf(names);
    }

    private static String value(java.lang.reflect.Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String swapped(String name) {
        return name.chars()
                .mapToObj(c -> Character.toString(
                        Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c)))
                .collect(Collectors.joining());
    }

    private String next() {
        keys.add(id + "-" + keys.size());
        return last();
    }

    private String last() {
        return keys.get(keys.size() - 1);
    }

    private String order() {
        return ORDER.formatted(next());
    }

    private static Map<String, String> with(List<String> names, String name, String value) {
        Map<String, String> headers = names.stream().collect(Collectors.toMap(each -> each, each -> VALUE));
        headers.put(name, value);
        return headers;
    }

    private static String form(List<String> names) {
        return names.stream()
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8) + "=" + VALUE)
                .collect(Collectors.joining("&"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
