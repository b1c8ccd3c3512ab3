package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.cases.CaseRun;
import dev.caravan.operations.commands.Commands;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits of the route files of a running program, on a real broker. */
@TestInstance(Lifecycle.PER_CLASS)
class RouteEditsIT {

    private static final String ORDERS = "orders.camel.yaml";
    private static final String RECEIVED = "Order received successfully";

    private Program program;
    private LiveRoutes live;
    private Http http;
    private Path routes;
    private Path schemas;
    private final Map<String, String> shipped = new TreeMap<>();

    @BeforeAll
    void start(@TempDir Path schemas) throws Exception {
        this.schemas = schemas;
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/schemas"))) {
            for (Path file : files.toList()) {
                Files.copy(file, schemas.resolve(file.getFileName()));
            }
        }
        program = Program.start(Map.of("events.topics", "shipments,beats-timer", "schemas.dir", schemas.toString()));
        live = new LiveRoutes(program);
        http = program.http();
        routes = program.routes();
        try (Stream<Path> files = Files.list(routes)) {
            for (Path file : files.toList()) {
                shipped.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        // The first edit loads classes.
        live.save("hello.camel.yaml", LiveRoutes.HELLO);
        await().untilAsserted(() -> assertThat(http.get("/hello").status()).isEqualTo(200));
        restore();
    }

    @AfterAll
    void stop() throws IOException {
        program.close();
    }

    @AfterEach
    void restore() throws IOException {
        Set<String> restored = new TreeSet<>();
        Instant now = Instant.now();
        try (Stream<Path> files = Files.list(routes)) {
            for (Path file : files.toList()) {
                if (!shipped.containsKey(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
        for (Map.Entry<String, String> each : shipped.entrySet()) {
            Path file = routes.resolve(each.getKey());
            if (!Files.exists(file) || !Files.readString(file).equals(each.getValue())) {
                Files.deleteIfExists(file);
                Files.writeString(file, each.getValue());
                restored.add(each.getKey());
            }
        }
        await().untilAsserted(() -> {
            assertThat(live.files().keySet()).containsExactlyElementsOf(shipped.keySet());
            assertThat(live.files().values())
                    .allSatisfy(file -> assertThat(file.path("state").asText()).isEqualTo("live"));
            assertThat(restored).allSatisfy(name -> assertThat(
                            Instant.parse(live.file(name).path("edited").asText()))
                    .isAfter(now));
        });
        await().untilAsserted(() -> assertThat(postOrder("restored")).contains(RECEIVED));
    }

    @Test
    void anEditReplacesOnlyItsOwnRoute() throws IOException {
        Map<String, String> before = since();

        live.save(ORDERS, shipped.get(ORDERS).replace(RECEIVED, "Thank you"));

        await().untilAsserted(() -> assertThat(postOrder("edited")).contains("Thank you"));
        assertThat(differing(before, since())).containsExactly("orders-accept");
    }

    @Test
    void recordsGoToTheEditedTopic() throws IOException {
        live.save(
                ORDERS,
                shipped.get(ORDERS)
                        .replace(RECEIVED, "Moved")
                        .replace("to: { uri: \"kafka:{{orders.topic}}\" }", "to: { uri: \"kafka:{{events.topic}}\" }"));
        await().untilAsserted(() -> assertThat(postOrder("moved")).contains("Moved"));

        assertThat(program.records()
                        .of("events", record -> record.text().contains("\"moved\""))
                        .get(0)
                        .key())
                .isEqualTo("moved");
    }

    @Test
    void editingASharedFileReplacesEachRouteThatUsesIt() throws IOException {
        Map<String, String> before = since();

        live.save("retry.camel.yaml", shipped.get("retry.camel.yaml").replace("{{retry.delays}}", "100ms,200ms,301ms"));

        await().untilAsserted(
                        () -> assertThat(differing(before, since())).containsExactly("retry-1", "retry-2", "retry-3"));

        String reliability = shipped.get("reliability.camel.yaml");
        live.save("reliability.camel.yaml", reliability.replace("\"10000\"", "\"9000\""));

        await().untilAsserted(() -> assertThat(differing(before, since()))
                .containsExactlyInAnyOrder(
                        "comments-consume",
                        "events-consume",
                        "flaky-consume",
                        "forward-consume",
                        "own-properties-consume",
                        "notifications-consume",
                        "orders-consume",
                        "retry-1",
                        "retry-2",
                        "retry-3",
                        "webhooks-consume"));
        assertThat(postOrder("shared")).contains(RECEIVED);
        await().untilAsserted(
                        () -> assertThat(http.get("/order/shared").status()).isEqualTo(200));
    }

    @Test
    void aRouteThatOnlyMovesInItsFileIsNotReplaced() throws IOException {
        Map<String, String> before = since();

        live.save(ORDERS, "# a line more\n" + shipped.get(ORDERS));

        await().untilAsserted(() -> assertThat(
                        live.route("orders-accept").path("line").asInt())
                .isEqualTo(line(ORDERS, "      uri: direct:orders-accept")));
        assertThat(differing(before, since())).isEmpty();
    }

    @Test
    void newFilesAreLoadedAndDeletedOnesUnloaded() throws IOException {
        assertThat(http.get("/hello").status()).isEqualTo(404);

        live.save("hello.camel.yaml", LiveRoutes.HELLO);

        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo("hello"));
        assertThat(http.get("/openapi")
                        .json()
                        .at("/paths/~1hello/get/responses/default/$ref")
                        .asText())
                .isEqualTo("#/components/responses/Problem");
        assertThat(live.route("hello-say").path("file").asText()).isEqualTo("hello.camel.yaml");

        Files.delete(routes.resolve("hello.camel.yaml"));

        await().untilAsserted(() -> assertThat(http.get("/hello").status()).isEqualTo(404));
        assertThat(http.get("/openapi").json().path("paths").has("/hello")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest", "timer"})
    void aSkeletonRunsUnchangedAndPassesItsCase(String kind, @TempDir Path cases) throws IOException {
        PrintStream none = new PrintStream(OutputStream.nullOutputStream());
        Map<String, String> folders = Map.of("ROUTES_DIR", routes.toString(), "SCHEMAS_DIR", schemas.toString());
        Commands commands = new Commands(folders, routes, none, none, false);

        assertThat(commands.run("new", "beats-" + kind, "--kind", kind, "--cases", cases.toString()))
                .isZero();

        await().ignoreExceptions().untilAsserted(() -> assertThat(
                        live.file("beats-" + kind + ".camel.yaml").path("state").asText())
                .isEqualTo("live"));
        CaseRun.run(cases.resolve("beats-" + kind + ".yaml"), program);
        if (kind.equals("timer")) {
            await().untilAsserted(() -> assertThat(program.records()
                            .of("beats-timer", record -> record.text().startsWith("{\"at\":\"2")))
                    .isNotEmpty());
        }
    }

    @Test
    void xmlFilesAreAppliedLikeYaml() throws IOException {
        live.save(
                "hello.camel.xml",
                """
                <camel>
                  <rest path="/hello"><get id="hello-get"><to uri="direct:hello-say"/></get></rest>
                  <route id="hello-say" group="hello" description="Says hello." routeConfigurationId="http">
                    <from uri="direct:hello-say"/>
                    <setBody><constant>hello from XML</constant></setBody>
                  </route>
                </camel>
                """);

        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo("hello from XML"));
    }

    @Test
    void editingATemplateReplacesItsRoutes() throws IOException {
        String template =
                """
                - routeTemplate:
                    id: greeting
                    parameters: [ { name: word } ]
                    from:
                      uri: direct:hello-{{word}}
                      steps:
                        - setBody: { constant: "TEXT {{word}}" }
                - templatedRoute: { routeTemplateRef: greeting, routeId: hello-you, parameters: [ { name: word, value: you } ] }
                """
                        + LiveRoutes.HELLO.replace("setBody: { constant: \"hello\" }", "to: direct:hello-you");
        live.save("hello.camel.yaml", template.replace("TEXT", "hello"));
        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo("hello you"));

        live.save("hello.camel.yaml", template.replace("TEXT", "good-bye"));

        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo("good-bye you"));
    }

    static Stream<Arguments> broken() {
        return Stream.of(
                broken(
                        "a syntax error",
                        "    description: Accepts an order",
                        "    description: \"Accepts an order",
                        "block end"),
                broken("an unknown member", "    group: orders", "    grop: orders", "'grop' is not known here"),
                broken("an unknown step", "- to: { uri: \"kafka:", "- tto: { uri: \"kafka:", "'tto' is not known here"),
                broken("an unknown component", "to: { uri: \"kafka:{{orders.topic}}\" }", "to: nosuch:thing", "nosuch"),
                broken(
                        "an unknown option",
                        "to: { uri: \"kafka:{{orders.topic}}\" }",
                        "to: { uri: \"kafka:{{orders.topic}}?nosuch=1\" }",
                        "nosuch"),
                broken(
                        "a policy around no step to Kafka",
                        "to: { uri: \"kafka:{{orders.topic}}\" }",
                        "to: direct:reliability-fail",
                        "holds no step to kafka:"),
                broken("a missing policy", "http,event-loop", "http,evnt-loop", "no routeConfiguration evnt-loop"),
                broken("a missing property", "{{role.api}}", "{{no.such.property}}", "no.such.property"),
                broken("an id in use", "id: orders-accept", "id: comments-accept", "already used"),
                broken("a missing bean", "ref: idempotent", "ref: no-such-bean", "no-such-bean"),
                broken("a missing class", "ref: idempotent", "ref: \"#class:dev.caravan.NoSuch\"", "NoSuch"),
                broken("a response without a status", "respond:202", "respond:accepted", "accepted"),
                broken("a missing schema", "schema:orders?key", "schema:orderz?key", "no schema orderz"),
                broken("no schema name", "schema:orders?key", "schema:?key", "names no schema"),
                broken("a key that is not a JSON Pointer", "key=/id", "key=id", "must start with '/'"),
                broken("an alias", "description: Publishes an order, keyed by its id.", "description: *a", "aliases"),
                broken(
                        "an endpoint that does not start",
                        "to: { uri: \"kafka:{{orders.topic}}\" }",
                        "to: \"kafka:{{orders.topic}}?valueSerializer=no.such.Serializer\"",
                        "no.such.Serializer"));
    }

    private static Arguments broken(String mistake, String from, String to, String reason) {
        return Arguments.of(mistake, from, to, reason);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void aBrokenEditChangesNothingAndIsReportedWithItsPosition(String mistake, String from, String to, String reason)
            throws IOException {
        double rejected = rejectedEdits();
        assertThat(shipped.get(ORDERS)).contains(from);

        live.save(ORDERS, shipped.get(ORDERS).replaceFirst(Pattern.quote(from), to));

        await().untilAsserted(() ->
                assertThat(live.file(ORDERS).path("state").asText()).isEqualTo("rejected"));
        JsonNode error = live.file(ORDERS).path("error");
        assertThat(error.path("reason").asText()).contains(reason);
        assertThat(error.path("line").asInt()).isPositive();
        assertThat(error.path("column").asInt()).isPositive();
        assertThat(postOrder("broken")).contains(RECEIVED);
        await().untilAsserted(() -> assertThat(rejectedEdits()).isEqualTo(rejected + 1));
        Http.Answer ready = await().until(
                        () -> program.management().get("/observe/health/ready"), answer -> answer.status() == 200);
        assertThat(ready.body()).contains("last edit rejected");
    }

    @Test
    void anErrorIsReportedAtItsLineAndColumn() throws IOException {
        live.save(
                ORDERS,
                shipped.get(ORDERS)
                        .replace("to: { uri: \"schema:orders?key=/id\" }", "process: { ref: no-such-bean }"));
        await().untilAsserted(() ->
                assertThat(live.file(ORDERS).path("state").asText()).isEqualTo("rejected"));

        JsonNode error = live.file(ORDERS).path("error");
        String line = Files.readAllLines(routes.resolve(ORDERS))
                .get(error.path("line").asInt() - 1);
        assertThat(line).contains("no-such-bean");
        assertThat(line.substring(error.path("column").asInt() - 1)).startsWith("process:");
    }

    @Test
    void emptyHalfWrittenAndLinkedFilesChangeNothing(@TempDir Path elsewhere) throws IOException {
        for (String text : new String[] {
            "", "\n", shipped.get(ORDERS).substring(0, shipped.get(ORDERS).indexOf("SelectOne") - 8)
        }) {
            live.save(ORDERS, text);
            await().untilAsserted(() ->
                    assertThat(live.file(ORDERS).path("state").asText()).isEqualTo("rejected"));
            assertThat(postOrder("half")).contains(RECEIVED);
            live.save(ORDERS, shipped.get(ORDERS));
            await().untilAsserted(() ->
                    assertThat(live.file(ORDERS).path("state").asText()).isEqualTo("live"));
        }
        Path outside = Files.writeString(
                elsewhere.resolve("orders.yaml"), shipped.get(ORDERS).replace(RECEIVED, "Stolen"));
        // At once, because the program unloads the routes of a deleted file.
        Path link = Files.createSymbolicLink(elsewhere.resolve("link"), outside);
        Files.move(link, routes.resolve(ORDERS), StandardCopyOption.ATOMIC_MOVE);
        await().untilAsserted(() -> assertThat(
                        live.file(ORDERS).path("error").path("reason").asText())
                .contains("link"));
        assertThat(postOrder("linked")).contains(RECEIVED);
    }

    @Test
    void aYamlBombIsRejected() throws IOException {
        StringBuilder bomb = new StringBuilder("- a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("- a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
        }
        live.save("bomb.camel.yaml", bomb.toString());

        await().untilAsserted(() ->
                assertThat(live.file("bomb.camel.yaml").path("state").asText()).isEqualTo("rejected"));
        assertThat(postOrder("bomb")).contains(RECEIVED);
    }

    @Test
    void validFilesSavedWithInvalidOnesAreApplied() throws IOException {
        live.save("hello.camel.yaml", LiveRoutes.HELLO);
        live.save(ORDERS, "- nonsense: true\n");

        await().untilAsserted(() -> assertThat(http.get("/hello").body()).isEqualTo("hello"));
        await().untilAsserted(() ->
                assertThat(live.file(ORDERS).path("state").asText()).isEqualTo("rejected"));
        assertThat(postOrder("two")).contains(RECEIVED);
    }

    @Test
    void aSuspendedOrStoppedRouteAnswers503() {
        assertThat(http.send("POST", "/api/v1/routes/orders-accept/suspend", null, Map.of())
                        .status())
                .isEqualTo(204);
        Http.Answer suspended = http.postJson("/order", orderJson("suspended"));
        assertThat(suspended.status()).isEqualTo(503);
        assertThat(suspended.header("Retry-After")).isNotNull();
        assertThat(live.route("orders-accept").path("state").asText()).isEqualTo("Suspended");
        assertThat(http.send("POST", "/api/v1/routes/orders-accept/resume", null, Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(postOrder("resumed")).contains(RECEIVED);

        assertThat(http.send("POST", "/api/v1/routes/orders-find/stop", null, Map.of())
                        .status())
                .isEqualTo(204);
        Http.Answer stopped = http.get("/order/resumed");
        assertThat(stopped.status()).isEqualTo(503);
        assertThat(stopped.header("Retry-After")).isNotNull();
        assertThat(http.send("POST", "/api/v1/routes/orders-find/start", null, Map.of())
                        .status())
                .isEqualTo(204);
        await().untilAsserted(
                        () -> assertThat(http.get("/order/resumed").status()).isEqualTo(200));
    }

    @Test
    void aRestartedConsumerContinuesAtItsOffset() {
        assertThat(http.send("POST", "/api/v1/routes/orders-consume/stop", null, Map.of())
                        .status())
                .isEqualTo(204);
        assertThat(postOrder("while-stopped")).contains(RECEIVED);
        assertThat(http.get("/order/while-stopped").status()).isEqualTo(404);

        assertThat(http.send("POST", "/api/v1/routes/orders-consume/start", null, Map.of())
                        .status())
                .isEqualTo(204);

        await().untilAsserted(() ->
                assertThat(http.get("/order/while-stopped").status()).isEqualTo(200));
    }

    @Test
    void twoOperationsCannotShareARoute() throws IOException {
        live.save(
                "second.camel.yaml",
                """
                - rest:
                    path: /second
                    tag: second
                    post:
                      - id: second-post
                        to: direct:orders-accept
                """);

        await().untilAsserted(() -> assertThat(
                        live.file("second.camel.yaml").at("/error/reason").asText())
                .contains("direct:orders-accept", "each operation needs a route of its own"));
        assertThat(http.postJson("/order", orderJson("still")).status()).isEqualTo(202);
    }

    @Test
    void userRoutesThatBreakOurRulesGetWarnings() throws IOException {
        live.save(
                "loose.camel.yaml",
                """
                - route:
                    id: loose
                    from:
                      uri: kafka:orders
                      parameters: { groupId: loose, autoCommitEnable: true, autoOffsetReset: latest }
                      steps:
                        - log: { message: "${body}" }
                        - to: kafka:{{events.topic}}
                        - to: direct:nowhere
                """);

        await().untilAsserted(() ->
                assertThat(live.file("loose.camel.yaml").path("state").asText()).isEqualTo("live"));
        assertThat(live.file("loose.camel.yaml").path("warnings").findValuesAsText("reason"))
                .anySatisfy(reason -> assertThat(reason).contains("reliable"))
                .anySatisfy(reason -> assertThat(reason).contains("auto-commit"))
                .anySatisfy(reason -> assertThat(reason).contains("the topic orders is written out"))
                .anySatisfy(reason -> assertThat(reason).contains("kafka: outside 'policy: publishing'"))
                .contains("no route begins with direct:nowhere");
        assertThat(live.files().entrySet().stream()
                        .filter(each -> shipped.containsKey(each.getKey()))
                        .map(each -> each.getValue().path("warnings")))
                .allSatisfy(warnings -> assertThat(warnings).isEmpty());
    }

    @Test
    void aBrokenFileAtTheStartIsLeftOut(@TempDir Path folder) throws Exception {
        for (Map.Entry<String, String> each : shipped.entrySet()) {
            Files.writeString(folder.resolve(each.getKey()), each.getValue());
        }
        Files.writeString(
                folder.resolve("hello.camel.yaml"),
                LiveRoutes.HELLO.replace("uri: direct:hello-say", "uri: nosuch:thing"));

        try (Program other = Program.on(program.records().brokers(), Map.of("routes.dir", folder.toString()))) {
            assertThat(other.http().postJson("/order", orderJson("started")).status())
                    .isEqualTo(202);
            assertThat(other.http().get("/api/v1/routes").json().findValuesAsText("reason"))
                    .anySatisfy(reason -> assertThat(reason).contains("nosuch"));

            Files.writeString(folder.resolve("hello.camel.yaml"), LiveRoutes.HELLO);

            await().untilAsserted(
                            () -> assertThat(other.http().get("/hello").body()).isEqualTo("hello"));
        }
    }

    @Test
    void aCapabilityCanBeAddedWhileTheProgramRuns() throws Exception {
        live.save("shipments.camel.yaml", ReadmeYaml.capability());
        await().untilAsserted(() -> assertThat(
                        live.route("shipments-consume").path("state").asText())
                .isEqualTo("Started"));

        assertThat(http.postJson("/api/v1/events", "{\"topic\":\"shipments\",\"value\":{\"id\":\"s-1\"}}")
                        .status())
                .isEqualTo(202);

        await().untilAsserted(() -> assertThat(
                        live.route("shipments-process").path("exchanges").asInt())
                .isEqualTo(1));
        assertThat(List.of("shipments-retry-1", "shipments-retry-3", "shipments-dlq"))
                .allSatisfy(
                        topic -> assertThat(program.records().partitions(topic)).isPositive());
        assertThat(live.route("retry-1").path("state").asText()).isEqualTo("Started");
    }

    private String postOrder(String id) {
        return http.postJson("/order", orderJson(id)).body();
    }

    private static String orderJson(String id) {
        return "{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-01T00:00:00Z\"}";
    }

    private double rejectedEdits() {
        return program.management()
                .get("/observe/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("caravan_route_edits_total") && line.contains("rejected"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private int line(String file, String text) throws IOException {
        List<String> lines = Files.readAllLines(routes.resolve(file));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i + 1;
            }
        }
        throw new IllegalArgumentException(text);
    }

    private Map<String, String> since() {
        Map<String, String> since = new TreeMap<>();
        live.list()
                .path("routes")
                .forEach(route ->
                        since.put(route.path("id").asText(), route.path("since").asText()));
        return since;
    }

    private static Set<String> differing(Map<String, String> before, Map<String, String> after) {
        Set<String> ids = new TreeSet<>(after.keySet());
        ids.removeIf(id -> after.get(id).equals(before.get(id)));
        return ids;
    }
}
