package dev.caravan.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.caravan.cases.Case.Expected;
import dev.caravan.cases.Case.Request;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Records.Written;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Sends a case's requests to a program and checks the expectations. Safe requests after the first one are repeated until their expectation is
 * met, because effects happen after the answer.
 */
public final class CaseRun {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The only headers that an answer may have. */
    private static final Pattern ANSWERED = Pattern.compile(
            ":status|accept|accept-encoding|content-type|content-length|transfer-encoding|location"
                    + "|message-id|retry-after|allow|link|www-authenticate|cache-control|traceparent|x-content-type-options");

    /** Internals that no answer may contain: classes, stack traces, statements, files. */
    private static final Pattern INNER = Pattern.compile(
            "Exception|\\b(java|javax|com|org|io|dev)\\.[a-z]+\\.|\\bat [a-z.]+\\(|SELECT |INSERT |UPDATE |MERGE |/tmp/|jdbc:");

    /** The only record headers, except those that the case names. */
    private static final Pattern RECORDED =
            Pattern.compile("MessageID|content-type|traceparent|tracestate|ce_[a-z0-9]+");

    private CaseRun() {}

    /** Runs the cases of another file. */
    public static void run(Path file, Program program) {
        Case.read(file).forEach(each -> run(each, program));
    }

    static void run(Case each, Program program) {
        Variables variables = new Variables();
        check(each, variables, program);
        for (Case next : each.then()) {
            if (next.request().isRepeatable()) {
                await().untilAsserted(() -> check(next, variables, program));
            } else {
                check(next, variables, program);
            }
        }
    }

    private static void check(Case each, Variables variables, Program program) {
        Request request = each.request();
        Answer answer = program.http()
                .send(
                        request.method(),
                        variables.in(request.path()),
                        request.payload(variables),
                        request.headers(variables));
        if (answer.header("Message-ID") != null) {
            variables.put("messageId", answer.header("Message-ID"));
        }

        check(each.expect(), answer, variables);
        each.record().forEach(record -> check(record, variables, program));
        if (each.noRecord() != null) {
            assertThat(request.headers(variables)).as("a header to look for").containsValue(variables.get("id"));
            assertThat(program.records().withMessageId(each.noRecord(), variables.get("id")))
                    .isEmpty();
        }
    }

    private static void check(Expected expected, Answer answer, Variables variables) {
        assertThat(answer.status()).as("status of %s", answer).isEqualTo(expected.status());
        if (expected.json() != null) {
            JsonComparison comparison = JsonComparison.of(variables.in(expected.json()), answer.json());
            assertThat(comparison.differences())
                    .as("differences in %s", answer.body())
                    .isEmpty();
            comparison.captured().forEach(variables::put);
        }
        if (expected.body() != null) {
            assertThat(answer.body()).isEqualTo(variables.in(expected.body()));
        }
        for (String pointer : expected.not()) {
            assertThat(answer.json().at(pointer).isMissingNode())
                    .as("%s is absent from %s", pointer, answer.body())
                    .isTrue();
        }
        expected.headers()
                .forEach((name, value) -> check("the answer's " + name, value, answer.header(name), variables));
        assertThat(answer.headers().keySet())
                .allMatch(name -> ANSWERED.matcher(name).matches(), "is a header that may be answered");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        if (answer.status() >= 400) {
            checkProblem(answer);
        }
    }

    private static void checkProblem(Answer answer) {
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("Message-ID")).isNull();
        assertThat(answer.body()).doesNotContainPattern(INNER);
        JsonNode problem = answer.json();
        assertThat(problem.path("status").asInt()).isEqualTo(answer.status());
        for (String member : new String[] {"type", "title", "detail"}) {
            assertThat(problem.path(member).asText())
                    .as("%s of %s", member, answer.body())
                    .isNotEmpty();
        }
    }

    private static void check(Case.Record expected, Variables variables, Program program) {
        List<Written> found = program.records().withMessageId(expected.topic(), variables.in(expected.messageId()));
        assertThat(found).as("records of that MessageID").hasSize(1);
        Written record = found.get(0);
        if (expected.key() != null) {
            check("the record's key", expected.key(), record.key(), variables);
        }
        if (expected.value() != null) {
            check("the record's value", expected.value(), record.text(), variables);
        }
        expected.headers()
                .forEach((name, value) ->
                        check("the record's " + name, value, record.headers().get(name), variables));
        assertThat(record.headers().keySet())
                .allMatch(
                        name -> RECORDED.matcher(name).matches()
                                || expected.headers().containsKey(name),
                        "is a header that may reach Kafka");
    }

    /** An expected null must be absent. */
    private static void check(String what, JsonNode expected, String actual, Variables variables) {
        if (expected.isNull() || actual == null) {
            assertThat(actual)
                    .as(what)
                    .isEqualTo(expected.isNull() ? null : variables.in(expected).asText());
        } else {
            JsonNode node = expected.isContainerNode() ? tree(actual) : TextNode.valueOf(actual);
            JsonComparison comparison = JsonComparison.of(variables.in(expected), node);
            assertThat(comparison.differences()).as(what).isEmpty();
            comparison.captured().forEach(variables::put);
        }
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }
}
