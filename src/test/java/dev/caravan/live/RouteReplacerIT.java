package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.BlockingProcessor;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.spi.StateRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.MemberDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** A waiting edit disturbs nothing, and a failed one leaves every consumer running. */
@TestInstance(Lifecycle.PER_CLASS)
class RouteReplacerIT {

    private static final String FILE = "slow.camel.yaml";
    private static final String SLOW =
            """
            - rest:
                path: /slow
                tag: slow
                post:
                  - id: slow-post
                    to: direct:slow-answer
            - route:
                id: slow-answer
                group: slow
                description: Answers what may take long.
                routeConfigurationId: http
                from:
                  uri: direct:slow-answer
                  steps:
                    - to: direct:slow-work
                    - setBody: { constant: "WORD" }
            - route:
                id: slow-work
                group: slow
                description: May take long, WORD.
                routeConfigurationId: plain
                from:
                  uri: direct:slow-work
                  steps:
                    - process: { ref: "#class:dev.caravan.support.BlockingProcessor" }
                    - setProperty: { name: word, constant: "WORD" }
            - route:
                id: slow-consume
                group: slow
                description: Reads records that may take long.
                routeConfigurationId: reliable
                from:
                  uri: kafka:{{slow.topic}}
                  parameters: { groupId: "{{kafka.consumer.group.id}}-slow" }
                  steps:
                    - to: direct:slow-process
            - route:
                id: slow-process
                group: slow
                description: Processes a record.
                routeConfigurationId: plain
                from:
                  uri: direct:slow-process
                  steps:
                    - process: { ref: "#class:dev.caravan.support.BlockingProcessor" }
                    - setProperty: { name: word, constant: "WORD" }
            - route:
                id: fast-consume
                group: fast
                description: Reads records, WORD.
                routeConfigurationId: reliable
                from:
                  uri: kafka:{{fast.topic}}
                  parameters: { groupId: "{{kafka.consumer.group.id}}-fast" }
                  steps:
                    - setProperty: { name: word, constant: "WORD" }
            - route:
                id: fast-process
                group: fast
                description: Processes a record.
                routeConfigurationId: plain
                from:
                  uri: direct:fast-process
                  steps:
                    - setProperty: { name: processed, constant: "true" }
            """;

    private final UnstoppableRepository unstoppable = new UnstoppableRepository();
    private Program program;
    private LiveRoutes live;
    private Http http;
    private Admin admin;

    @BeforeAll
    void start() throws Exception {
        program = Program.start(Map.of("slow.topic", "slow", "fast.topic", "fast"));
        live = new LiveRoutes(program);
        http = program.http();
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, program.records().brokers()));
        program.caravan().context().getRegistry().bind("unstoppable", unstoppable);
    }

    @BeforeEach
    void hold() {
        BlockingProcessor.reset();
    }

    @AfterEach
    void release() {
        BlockingProcessor.release();
    }

    @AfterAll
    void stop() throws IOException {
        admin.close();
        program.close();
    }

    @Test
    void anEditWaitingForARequestDisturbsNothing() throws Exception {
        apply("one");
        CompletableFuture<Http.Answer> held = CompletableFuture.supplyAsync(() -> http.postJson("/slow", "\"hold\""));
        await().until(() -> live.route("slow-work").path("inFlight").asLong() == 1);
        Set<String> members = await().until(this::members, all -> all.size() == 2);

        write("two");

        JsonNode edit =
                await().until(this::edit, each -> each.path("text").asText().contains("two"));
        assertThat(edit.path("state").asText()).isEqualTo("waiting");
        nothingIsDisturbed(members);
        BlockingProcessor.release();
        assertThat(held.get(60, TimeUnit.SECONDS).body()).isEqualTo("one");
        await().untilAsserted(() -> assertThat(answer()).isEqualTo("two"));
    }

    @Test
    void anEditWaitingForARecordDisturbsNothing() throws Exception {
        apply("three");
        String id = UUID.randomUUID().toString();
        program.records().write("slow", null, "hold".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));
        await().until(() -> live.route("slow-process").path("inFlight").asLong() == 1);
        Set<String> members = await().until(this::members, all -> all.size() == 2);

        write("four");

        nothingIsDisturbed(members);
        BlockingProcessor.release();
        await().untilAsserted(() -> assertThat(answer()).isEqualTo("four"));
    }

    @Test
    void ifASuccessorDoesNotStartAllConsumersKeepRunning() throws Exception {
        apply("five");
        String text = SLOW.replace("WORD", "six")
                + """
                - route:
                    id: slow-broken
                    group: slow
                    description: Does not start.
                    from:
                      uri: direct:slow-broken
                      steps:
                        - process: { ref: "#class:dev.caravan.support.BrokenProcessors$Start" }
                """;

        live.save(FILE, text);

        await().untilAsserted(
                        () -> assertThat(live.file(FILE).path("state").asText()).isEqualTo("rejected"));
        assertThat(answer()).isEqualTo("five");
        everyConsumerRuns("slow-consume", "fast-consume");
    }

    @Test
    void ifARouteDoesNotStopAllConsumersKeepRunning() throws Exception {
        apply("seven");
        String route =
                """
                - route:
                    id: unstoppable-consume
                    group: unstoppable
                    description: Does not stop, WORD.
                    routeConfigurationId: reliable
                    from:
                      uri: kafka:{{fast.topic}}
                      parameters: { groupId: unstoppable, offsetRepository: "#bean:unstoppable" }
                      steps:
                        - setProperty: { name: word, constant: "WORD" }
                - route:
                    id: unstoppable-process
                    group: unstoppable
                    description: Processes a record.
                    routeConfigurationId: plain
                    from:
                      uri: direct:unstoppable-process
                      steps:
                        - setProperty: { name: processed, constant: "true" }
                """;
        live.save(FILE, SLOW.replace("WORD", "eight") + route.replace("WORD", "eight"));
        await().untilAsserted(() -> assertThat(answer()).isEqualTo("eight"));

        unstoppable.stops = false;
        live.save(FILE, SLOW.replace("WORD", "nine") + route.replace("WORD", "nine"));

        await().untilAsserted(
                        () -> assertThat(live.file(FILE).path("state").asText()).isEqualTo("rejected"));
        assertThat(live.file(FILE).at("/error/reason").asText()).contains("does not stop");
        assertThat(answer()).isEqualTo("eight");
        everyConsumerRuns("slow-consume", "fast-consume");
        unstoppable.stops = true;
    }

    private static final class UnstoppableRepository extends ServiceSupport implements StateRepository<String, String> {

        private volatile boolean stops = true;

        @Override
        public void setState(String key, String value) {}

        @Override
        public String getState(String key) {
            return null;
        }

        @Override
        protected void doStop() {
            if (!stops) {
                throw new IllegalStateException("It does not stop");
            }
        }
    }

    private void nothingIsDisturbed(Set<String> members) throws Exception {
        await().untilAsserted(
                        () -> assertThat(live.file(FILE).path("state").asText()).isEqualTo("waiting"));
        long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        while (System.nanoTime() < end) {
            assertThat(http.postJson("/slow", "\"go\"").status()).isEqualTo(200);
            assertThat(members()).isEqualTo(members);
            // So the edit did not delay the answer.
            assertThat(live.file(FILE).path("state").asText()).isEqualTo("waiting");
        }
    }

    private void everyConsumerRuns(String... routes) {
        for (String route : routes) {
            await().until(() -> consumers().matches(".*\\b" + route + " (polling|working) \\([1-9]\\).*"));
        }
    }

    private String consumers() {
        for (JsonNode check : program.management().get("/observe/health").json().path("checks")) {
            if (check.path("name").asText().equals("consumers")) {
                return check.path("message").asText();
            }
        }
        return "";
    }

    private Set<String> members() throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> members = new TreeSet<>();
        for (var group : admin.describeConsumerGroups(List.of("caravan-slow", "caravan-fast"))
                .all()
                .get(2, TimeUnit.MINUTES)
                .values()) {
            group.members().stream().map(MemberDescription::consumerId).forEach(members::add);
        }
        return members;
    }

    private void apply(String word) throws IOException {
        write(word);
        await().untilAsserted(() -> assertThat(answer()).isEqualTo(word));
        everyConsumerRuns("slow-consume", "fast-consume");
    }

    private JsonNode edit() {
        return http.get("/api/v1/routes/files/" + FILE).json();
    }

    private String answer() {
        return http.postJson("/slow", "\"go\"").body();
    }

    private void write(String word) throws IOException {
        live.save(FILE, SLOW.replace("WORD", word));
    }
}
