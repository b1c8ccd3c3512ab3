package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Records;
import dev.caravan.support.Records.Written;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Texts with special meaning in one of the languages below pass unchanged through every text field. */
@ExtendWith(CaravanExtension.class)
class SpecialCharactersIT {

    private static final List<String> TEXTS = List.of(
            // SQL, for H2 and PostgreSQL
            "' OR '1'='1",
            "\"; DROP TABLE orders; --",
            "\\'; SELECT pg_sleep(9); --",
            "$$ || version() || $$",
            ":#id",
            "?",
            "%_\\%",
            // Camel: simple, placeholders, options of a URI
            "${body}",
            "${bean:java.lang.Runtime?method=getRuntime}",
            "$simple{sys.user.home}",
            "${exchangeProperty.CaravanMessageId",
            "{{env:PATH}}",
            "{{kafka.brokers}}",
            "{{no.such.property}}",
            "RAW(${body})",
            "#class:java.lang.Runtime",
            "kafka:events?brokers=127.0.0.1:1",
            // Look-ups, format strings, templates
            "${jndi:ldap://127.0.0.1:1/x}",
            "${${lower:j}ndi:dns://127.0.0.1/x}",
            "%s%n%x%d%1$s",
            "{} {0} {}",
            "#{7*7} *{7*7} @{7*7}",
            "<%= 7*7 %> {% debug %}",
            // Shells and paths
            "$(touch x) `touch x`",
            "; rm -rf x & | > x",
            "../../../../etc/passwd",
            "..\\..\\windows\\win.ini",
            "/etc/passwd",
            "file:///etc/passwd",
            "CON",
            "~",
            // HTML, XML, JSON, YAML
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
            "&amp;&#x41;",
            "\",\"status\":\"forged",
            "{\"a\":[1]}",
            "!!java.lang.Runtime {}",
            "- *x",
            // HTTP, logs, terminals
            "a\r\nSet-Cookie: x=1\r\n\r\nb",
            "a\nERROR forged line",
            "\u001b[31mred\u001b[0m\u0007",
            "a=b&c=d;e%00%2e%2E+",
            "http://127.0.0.1:1/#?",
            // Null, numbers and booleans in other languages
            "null",
            "undefined",
            "NaN",
            "-0",
            "1e309",
            "0x10",
            "9223372036854775808",
            "True",
            " ",
            "\t a \t",
            // Unicode
            "\uFEFFbom",
            "\u202Eright to left\u202C",
            "zero\u200Bwidth\u200D",
            "\uD83D\uDC69\uD83C\uDFFD\u200D\uD83D\uDE80",
            "Z\u0351\u036B\u0343a\u0328\u0341lgo",
            "e\u0301 \u00e9 \uFB03",
            "I\u0130i\u0131 \u00df",
            "\u2028\u2029\u0085\u00a0",
            "\uFFFE\uFFFF\uD83F\uDFFF",
            "\u05D0\u0628\u4E00\u3042",
            "\u007f\u0080\u009f\u0001");

    /** Empty for a required field, or not storable in a database. */
    private static final List<String> REFUSED = List.of("", "\0", "a\0b");

    private final Map<String, String> sent = new HashMap<>();
    private Http http;
    private Records records;

    @BeforeEach
    void start(Program program) {
        http = program.http();
        records = program.records();
    }

    @Test
    void ordersKeepEveryText() {
        TEXTS.forEach(text -> assertThat(http.postJson("/order", order(text)).status())
                .as(text)
                .isEqualTo(202));
        REFUSED.forEach(text -> assertThat(http.postJson("/order", order(text)).status())
                .as(text)
                .isEqualTo(400));

        TEXTS.forEach(text -> await().untilAsserted(() -> {
            Answer found = http.get("/order/" + encoded(text));
            assertThat(found.status()).as(text).isEqualTo(200);
            assertThat(found.body()).isEqualTo(order(text));
        }));
    }

    @Test
    void rejectsTextAsTimestampOrTotal() {
        Stream.concat(TEXTS.stream(), REFUSED.stream()).forEach(text -> {
            for (String field : new String[] {"timestamp", "total"}) {
                ObjectNode order = (ObjectNode) Json.parse(bytes(order("id")));
                Answer answer = http.postJson("/order", order.put(field, text).toString());
                assertThat(answer.status()).as("%s: %s", field, text).isEqualTo(400);
                assertThat(answer.json().path("errors").path(0).path("pointer").asText())
                        .isEqualTo("/" + field);
            }
        });
    }

    @Test
    void commentsKeepEveryText() {
        for (String text : TEXTS) {
            keep(text, http.postJson("/api/v1/comments", object("text", text)));
            keep(text, http.postForm("/api/v1/comments", "text=" + encoded(text)));
        }
        REFUSED.forEach(text -> assertThat(http.postForm("/api/v1/comments", "text=" + encoded(text))
                        .status())
                .isEqualTo(400));

        areOn("comments", record -> Json.parse(record.value()).path("text").asText());
        await().untilAsserted(() -> assertThat(
                        texts(http.get("/api/v1/comments?limit=200").json().path("items"), "text"))
                .containsAll(TEXTS));
    }

    @Test
    void notificationsKeepEveryText() {
        for (String text : TEXTS) {
            keep(text, http.postForm("/send", "fromID=1&toID=4&message=" + encoded(text)));
            ObjectNode json = Json.MAPPER.createObjectNode();
            keep(
                    text,
                    http.postJson(
                            "/send",
                            json.put("fromID", 1)
                                    .put("toID", 4)
                                    .put("message", text)
                                    .toString()));
        }
        for (String text : REFUSED) {
            assertThat(http.postForm("/send", "fromID=1&toID=4&message=" + encoded(text))
                            .status())
                    .isEqualTo(400);
        }
        for (String text : TEXTS) {
            // "-0" is a number, but no user's id.
            assertThat(http.postForm("/send", "toID=4&message=m&fromID=" + encoded(text))
                            .status())
                    .as(text)
                    .isIn(400, 404);
        }

        areOn(
                "notifications",
                record -> Json.parse(record.value()).path("message").asText());
        await().untilAsserted(() -> assertThat(inbox()).containsAll(TEXTS));
    }

    @Test
    void eventsKeepEveryText() {
        List<String> all = Stream.concat(TEXTS.stream(), REFUSED.stream()).toList();
        ArrayNode events = Json.MAPPER.createArrayNode();
        for (String text : all) {
            ObjectNode event = events.addObject().put("value", text).put("key", text);
            event.putObject("headers").put("x-own", text);
        }
        String id = UUID.randomUUID().toString();

        Answer answer = http.send(
                "POST",
                "/api/v1/events",
                events.toString(),
                Map.of("Content-Type", "application/json", "Message-ID", id));

        assertThat(answer.status()).isEqualTo(207);
        assertThat(texts(answer.json(), "status")).containsOnly("202");
        Map<String, Written> written =
                records
                        .of("events", record -> record.headers()
                                .getOrDefault("MessageID", "")
                                .startsWith(id))
                        .stream()
                        .collect(Collectors.toMap(record -> record.headers().get("MessageID"), record -> record));
        for (int i = 0; i < all.size(); i++) {
            Written record = written.get(id + "." + i);
            assertThat(Json.parse(record.value()).asText()).isEqualTo(all.get(i));
            assertThat(record.key()).isEqualTo(all.get(i));
            assertThat(record.headers()).containsEntry("x-own", all.get(i));
        }
        for (String text : all) {
            ObjectNode elsewhere =
                    Json.MAPPER.createObjectNode().put("topic", text).put("value", 1);
            assertThat(http.postJson("/api/v1/events", elsewhere.toString()).status())
                    .as(text)
                    .isIn(400, 404);
        }
    }

    private void keep(String text, Answer answer) {
        assertThat(answer.status()).as(text).isEqualTo(200);
        sent.put(answer.header("Message-ID"), text);
    }

    private void areOn(String topic, Function<Written, String> text) {
        Map<String, String> written =
                records.of(topic, record -> sent.containsKey(record.headers().get("MessageID"))).stream()
                        .collect(Collectors.toMap(record -> record.headers().get("MessageID"), text));
        assertThat(written).isEqualTo(sent);
    }

    /** All pages of the inbox. */
    private List<String> inbox() {
        List<String> messages = new ArrayList<>();
        JsonNode after = Json.MAPPER.getNodeFactory().numberNode(0);
        while (!after.isNull()) {
            JsonNode page = http.get("/notifications/4?limit=200&after=" + after.asText())
                    .json();
            messages.addAll(texts(page.path("notifications"), "message"));
            after = page.get("next");
        }
        return messages;
    }

    private static List<String> texts(JsonNode items, String field) {
        return StreamSupport.stream(items.spliterator(), false)
                .map(item -> item.path(field).asText())
                .toList();
    }

    private static String order(String text) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", text)
                .put("user_id", text)
                .put("total", 1)
                .put("status", text)
                .put("timestamp", "2026-01-02T03:04:05Z")
                .toString();
    }

    private static String object(String field, String text) {
        return Json.MAPPER.createObjectNode().put(field, text).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
