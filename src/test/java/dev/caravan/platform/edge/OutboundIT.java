package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.UserRoutes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The components shipped for users' routes: http, file, timer, jsonpath. */
@ExtendWith(CaravanExtension.class)
class OutboundIT {

    private record Request(String body, Map<String, List<String>> headers) {}

    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final String name = "outbound-" + UUID.randomUUID().toString().substring(0, 8);
    private HttpServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void listen() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(new Request(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    Map.copyOf(exchange.getRequestHeaders())));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    private Request receivedWith(String text) throws InterruptedException {
        while (true) {
            Request request = requests.poll(5, TimeUnit.MINUTES);
            assertThat(request).as("a request with %s", text).isNotNull();
            if (request.body().contains(text)) {
                return request;
            }
        }
    }

    @Test
    void requestsHaveNoHeadersOfKafkaOrCaravan(Program program) throws Exception {
        UserRoutes.add(
                program.routes(),
                name,
                "{{events.topic}}",
                """
                - setHeader:
                    name: X-Message
                    simple: "${header.MessageID} ${header.ce_type}"
                - setHeader:
                    name: X-Text
                    simple: "${header.MessageID.getClass().getSimpleName()}"
                - setBody: { jsonpath: { expression: "$.text" } }
                - to: %s
                """
                        .formatted(url()));
        awaitRoutes(program, name + "-process");
        String id = UUID.randomUUID().toString();

        assertThat(program.http()
                        .postJson(
                                "/api/v1/events",
                                """
                                {"value":{"text":"%s"},"headers":{"MessageID":"%s","tenant":"a","ce_type":"t","ce_id":"%s",
                                 "ce_source":"s","ce_specversion":"1.0","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}"""
                                        .formatted(id, id, id))
                        .status())
                .isEqualTo(202);

        Map<String, List<String>> headers = receivedWith(id).headers();
        assertThat(headers.get("X-message")).containsExactly(id + " t");
        assertThat(headers.get("X-text")).containsExactly("String");
        assertThat(headers.get("Tenant")).containsExactly("a");
        assertThat(headers.get("Traceparent")).hasSize(1);
        assertThat(headers.keySet())
                .allMatch(header -> Stream.of("kafka", "camel", "caravan", "messageid", "ce_", "dead-", "delayed-")
                        .noneMatch(header.toLowerCase(Locale.ROOT)::startsWith));
    }

    @Test
    void retriedRecordsSendNoHistory(Program program) throws Exception {
        UserRoutes.add(
                program.routes(),
                name,
                "{{events.topic}}",
                """
                - choice:
                    when:
                      - simple: "${header.delayed-retry-count} == null"
                        steps:
                          - throwException: { exceptionType: java.lang.IllegalStateException, message: not yet }
                - to: %s
                """
                        .formatted(url()));
        awaitRoutes(program, name + "-process");
        String id = UUID.randomUUID().toString();

        program.http().postJson("/api/v1/events", "{\"value\":{\"text\":\"" + id + "\"}}");

        assertThat(receivedWith(id).headers().keySet())
                .allMatch(header -> Stream.of("kafka", "caravan", "messageid", "dead-", "delayed-")
                        .noneMatch(header.toLowerCase(Locale.ROOT)::startsWith));
    }

    @Test
    void timerWritesAFileThatARouteReads(Program program) throws Exception {
        Files.writeString(
                program.routes().resolve(name + ".camel.yaml"),
                """
                - route:
                    id: %1$s-write
                    group: %1$s
                    description: Writes a file.
                    from:
                      uri: timer:%1$s
                      parameters: { repeatCount: 1, delay: 0 }
                      steps:
                        - setBody: { constant: "{\\"text\\":\\"written\\"}" }
                        - to: { uri: "file:%2$s/in", parameters: { fileName: one.json } }
                - route:
                    id: %1$s-read
                    group: %1$s
                    description: Reads files.
                    from:
                      uri: file:%2$s/in
                      parameters: { initialDelay: 0, delay: 50 }
                      steps:
                        - setBody: { jsonpath: { expression: "$.text" } }
                        - to: { uri: "file:%2$s/out", parameters: { fileName: text } }
                """
                        .formatted(name, folder));

        await().untilAsserted(() -> assertThat(folder.resolve("out/text")).hasContent("written"));
        Files.delete(program.routes().resolve(name + ".camel.yaml"));
        await().until(() -> program.caravan().context().getRoute(name + "-read") == null);
    }

    private static void awaitRoutes(Program program, String route) {
        await().until(() -> program.caravan().context().getRoute(route) != null);
    }
}
