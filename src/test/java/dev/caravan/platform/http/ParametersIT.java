package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.RawHttp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** No operation confuses headers, query parameters and path parameters. */
@ExtendWith(CaravanExtension.class)
class ParametersIT {

    private static final List<String> INTERNAL = List.of(
            "id", "recipient", "found", "wanted", "unreadTotal", "replay", "attempts", "history", "fetch", "topics");

    @Test
    void headersNeverActAsParameters(Program program) {
        JsonNode paths = program.http().get("/openapi").json().path("paths");
        Set<String> names = new LinkedHashSet<>(INTERNAL);
        List<String> gets = new ArrayList<>();
        paths.fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(operation -> {
            operation.getValue().path("parameters").forEach(parameter -> {
                if (!parameter.path("in").asText().equals("header")) {
                    names.add(parameter.path("name").asText());
                }
            });
            // The answer of a stream does not end.
            boolean stream = operation.getValue().at("/responses/200/content").has("text/event-stream");
            if (operation.getKey().equals("get") && !stream) {
                gets.add(path.getKey().replace("{userID}", "1").replaceAll("\\{[^}]+}", "1"));
            }
        }));
        assertThat(gets).hasSizeGreaterThan(8);
        Map<String, String> headers = new HashMap<>();
        names.forEach(name -> headers.put(name, "abc"));

        for (String path : gets) {
            Answer plain = program.http().get(path);
            Answer with = program.http().send("GET", path, null, headers);

            assertThat(with.status()).as(path).isEqualTo(plain.status());
        }
    }

    @Test
    void headersAndUndeclaredParametersDoNotReplaceThePath(Program program) {
        String inbox = "/notifications/3";

        assertThat(program.http()
                        .send("POST", inbox + "/read", null, Map.of("id", "not-a-number"))
                        .status())
                .isEqualTo(204);
        assertThat(program.http()
                        .send("POST", inbox + "/read?id=not-a-number", null, Map.of())
                        .status())
                .isEqualTo(204);
    }

    @Test
    void queryParametersDoNotOverrideHeaders(Program program) {
        String id = UUID.randomUUID().toString();
        Answer answer = program.http()
                .send(
                        "POST",
                        "/api/v1/comments?Message-ID=other&Content-Type=text/plain&Idempotency-Key=x&traceparent=y",
                        "{\"text\":\"x\"}",
                        Map.of("Content-Type", "application/json", "Message-ID", id));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Message-ID")).isEqualTo(id);
    }

    @Test
    void parameterNamesAreCaseSensitive(Program program) {
        String head = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        int port = program.http().port();

        assertThat(RawHttp.send(port, "GET /api/v1/comments?limit=abc" + head + "\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(RawHttp.send(port, "GET /api/v1/comments?LIMIT=abc" + head + "\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(RawHttp.send(port, "GET /api/v1/comments?limit=1" + head + "limit: abc\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }
}
