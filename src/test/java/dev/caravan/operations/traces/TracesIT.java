package dev.caravan.operations.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Records.Written;
import dev.caravan.support.SpanCollector;
import dev.caravan.support.SpanCollector.Span;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TracesIT {

    private static final String CALLER = "b7ad6b7169203331";

    private static SpanCollector collector;
    private static Program program;

    private final String traceId = UUID.randomUUID().toString().replace("-", "");
    private final String messageId = UUID.randomUUID().toString();

    @BeforeAll
    static void start() throws Exception {
        collector = new SpanCollector();
        program = Program.start(Map.of(
                "otel.exporter.otlp.endpoint", collector.url(),
                "otel.bsp.schedule.delay", "50",
                "retry.attempts", "1"));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
        collector.close();
    }

    @Test
    void oneTraceCoversAnOrderFromTheCallerToTheDatabase() {
        Answer answer = post("/order", order("user-4711-secret", "\"pending\""));

        assertThat(answer.status()).isEqualTo(202);
        List<Span> spans = await().until(() -> collector.trace(traceId), all -> all.size() == 5);
        Span request = one(spans, "POST /order");
        Span send = one(spans, "send orders");
        Span process = one(spans, "process orders");
        Span transaction = one(spans, "TRANSACTION");
        Span statement = one(spans, "MERGE");
        assertThat(request.parentId()).isEqualTo(CALLER);
        assertThat(send.parentId()).isEqualTo(request.id());
        assertThat(process.parentId()).isEqualTo(send.id());
        assertThat(transaction.parentId()).isEqualTo(process.id());
        assertThat(statement.parentId()).isEqualTo(transaction.id());
        assertThat(spans)
                .extracting(Span::kind)
                .containsExactlyInAnyOrder("SERVER", "PRODUCER", "CONSUMER", "CLIENT", "CLIENT");
        assertThat(spans).extracting(Span::service).containsOnly("caravan");
        assertThat(spans).noneMatch(Span::failed);
        assertThat(request.attributes())
                .containsEntry("http.request.method", "POST")
                .containsEntry("http.route", "/order")
                .containsEntry("http.response.status_code", "202");
        Written record = program.records().withMessageId("orders", messageId).get(0);
        for (Span span : List.of(send, process)) {
            assertThat(span.attributes())
                    .containsEntry("messaging.system", "kafka")
                    .containsEntry("messaging.destination.name", "orders")
                    .containsEntry("messaging.destination.partition.id", Integer.toString(record.partition()))
                    .containsEntry("messaging.kafka.offset", Long.toString(record.offset()))
                    .containsEntry("messaging.message.id", messageId)
                    .containsEntry("messaging.kafka.message.key", messageId);
        }
        assertThat(process.attributes()).containsEntry("messaging.consumer.group.name", "caravan-orders");
        assertThat(statement.attributes())
                .containsEntry("db.system.name", "h2database")
                .containsEntry("db.operation.name", "MERGE")
                .containsEntry("camel.route.id", "orders-process");
        assertThat(spans).extracting(Span::all).noneMatch(span -> span.contains("user-4711-secret"));
        assertThat(record.headers().get("traceparent")).isEqualTo("00-" + traceId + "-" + send.id() + "-01");
        assertThat(answer.header("traceparent")).isEqualTo("00-" + traceId + "-" + request.id() + "-01");
    }

    @Test
    void aRetryBelongsToTheTraceOfTheFailedAttempt() {
        program.records()
                .write(
                        "flaky",
                        messageId,
                        (messageId + " 1").getBytes(StandardCharsets.UTF_8),
                        Map.of("MessageID", messageId, "traceparent", traceParent()));

        List<Span> spans = await().until(() -> collector.trace(traceId), all -> all.size() == 7);
        Span first = one(spans, "process flaky");
        Span send = one(spans, "send flaky-retry-1");
        Span second = one(spans, "process flaky-retry-1");
        assertThat(first.parentId()).isEqualTo(CALLER);
        assertThat(send.parentId()).isEqualTo(first.id());
        assertThat(second.parentId()).isEqualTo(send.id());
        assertThat(first.failed()).isTrue();
        assertThat(first.attributes()).containsEntry("error.type", "java.lang.IllegalStateException");
        assertThat(List.of(send, second)).noneMatch(Span::failed);
        assertThat(spans)
                .filteredOn(span -> span.name().equals("INSERT") && !span.failed())
                .hasSize(2);
        assertThat(spans)
                .filteredOn(span -> span.name().equals("TRANSACTION"))
                .extracting(Span::parentId, Span::failed)
                .containsExactlyInAnyOrder(tuple(first.id(), true), tuple(second.id(), false));
        assertThat(spans)
                .extracting(Span::all)
                .as("what the exception says")
                .noneMatch(span -> span.contains("as it was told") || span.contains("attempt 1 fails"));
    }

    @Test
    void errorsInSpansContainNoUserData() {
        Answer answer = post("/order", order("user-4711-secret", "7"));

        assertThat(answer.status()).isEqualTo(400);
        List<Span> spans = await().until(() -> collector.trace(traceId), all -> !all.isEmpty());
        assertThat(spans).singleElement().satisfies(span -> {
            assertThat(span.failed()).as("a caller's error is not the server's").isFalse();
            assertThat(span.attributes()).containsEntry("http.response.status_code", "400");
            assertThat(span.all()).doesNotContain("user-4711-secret");
        });
    }

    @Test
    void unsampledTracesArePropagatedButNotExported() {
        program.http()
                .send(
                        "POST",
                        "/order",
                        order("u", "\"pending\""),
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Message-ID",
                                messageId,
                                "traceparent",
                                "00-" + traceId + "-" + CALLER + "-00"));

        await().untilAsserted(() ->
                assertThat(program.http().get("/order/" + messageId).status()).isEqualTo(200));
        assertThat(program.records()
                        .withMessageId("orders", messageId)
                        .get(0)
                        .headers()
                        .get("traceparent"))
                .startsWith("00-" + traceId)
                .endsWith("-00");
        assertThat(collector.trace(traceId)).isEmpty();
    }

    private Answer post(String path, String json) {
        return program.http()
                .send(
                        "POST",
                        path,
                        json,
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Message-ID",
                                messageId,
                                "traceparent",
                                traceParent()));
    }

    private String traceParent() {
        return "00-" + traceId + "-" + CALLER + "-01";
    }

    private String order(String user, String status) {
        return "{\"id\":\"" + messageId + "\",\"user_id\":\"" + user + "\",\"total\":1,\"status\":" + status
                + ",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
    }

    private static Span one(List<Span> spans, String name) {
        assertThat(spans).filteredOn(span -> span.name().equals(name)).as(name).hasSize(1);
        return spans.stream()
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
