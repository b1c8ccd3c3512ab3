package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.LogCapture;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(CaravanExtension.class)
class AuditedRouteControllerIT {

    private static final String ROUTE = "comments-consume";

    @AfterEach
    void start(Program program) {
        operate(program, "start", ROUTE);
        await().until(() -> check(program, "consumers")
                .path("message")
                .asText()
                .matches(".*\\b" + ROUTE + " (polling|working) \\([1-9]\\).*"));
    }

    @ParameterizedTest
    @CsvSource({"stop, stopped", "suspend, suspended"})
    void aRouteStoppedByAnOperatorKeepsTheInstanceReady(String action, String past, Program program) {
        assertThat(operate(program, action, ROUTE)).isEqualTo(204);

        await().untilAsserted(() -> assertThat(
                        check(program, "consumers").path("message").asText())
                .containsPattern("\\b" + ROUTE + " " + past + " by anonymous at 20\\d\\d-"));
        Http.Answer ready = await().until(
                        () -> program.management().get("/observe/health/ready"), answer -> answer.status() == 200);
        assertThat(ready.json().path("status").asText()).isEqualTo("UP");
        assertThat(check(program, "routes").path("message").asText()).contains(ROUTE + " " + past + " by anonymous");
        assertThat(metrics(program)).contains("caravan_route_up{route=\"" + ROUTE + "\"} 0.0");

        operate(program, "start", ROUTE);

        assertThat(metrics(program)).contains("caravan_route_up{route=\"" + ROUTE + "\"} 1.0");
    }

    @Test
    void startAndEditsAreNotLoggedAsOperatorActions(Program program) throws Exception {
        String id = "unattended-" + System.nanoTime();
        Path file = program.routes().resolve("unattended.camel.yaml");
        try (LogCapture logged = new LogCapture()) {
            for (String text : List.of("first", "second")) {
                Files.writeString(
                        file,
                        "- route: { id: %s, group: unattended, description: %s, from: { uri: 'direct:%1$s', steps: [ { log: %2$s } ] } }%n"
                                .formatted(id, text));
                await().untilAsserted(() -> assertThat(
                                program.http().get("/api/v1/routes").body())
                        .contains("\"description\":\"" + text + "\""));
            }
            assertThat(logged.text()).doesNotContain(id + " (by jmx)");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void operatorActionsAreLoggedAndAudited(Program program) {
        Instant before = Instant.now().minusSeconds(1);
        try (LogCapture logged = new LogCapture()) {
            operate(program, "stop", ROUTE);
            operate(program, "start", ROUTE);
            jmx(program, "suspend()");
            jmx(program, "resume()");

            assertThat(logged.text())
                    .contains(
                            "anonymous stopped " + ROUTE + " (by rest)",
                            "anonymous started " + ROUTE + " (by rest)",
                            "anonymous suspended " + ROUTE + " (by jmx)",
                            "anonymous resumed " + ROUTE + " (by jmx)");
        }
        JdbcTemplate jdbc =
                new JdbcTemplate(program.caravan().context().getRegistry().findSingleByType(DataSource.class));
        await().untilAsserted(() -> assertThat(jdbc.queryForList(
                        "SELECT who || ' ' || via || ' ' || action || ' ' || target FROM operator_audit WHERE at > ?"
                                + " AND target = ? ORDER BY id",
                        String.class,
                        java.sql.Timestamp.from(before),
                        ROUTE))
                .containsSequence(List.of(
                        "anonymous rest stop " + ROUTE,
                        "anonymous rest start " + ROUTE,
                        "anonymous jmx suspend " + ROUTE,
                        "anonymous jmx resume " + ROUTE)));
    }

    @Test
    void actionsByPlainJmxAreLoggedToo(Program program) throws Exception {
        try (LogCapture logged = new LogCapture()) {
            ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("org.apache.camel:context=caravan,type=routes,name=\"" + ROUTE + "\""),
                            "stop",
                            null,
                            null);

            assertThat(logged.text()).contains("jmx stopped " + ROUTE + " (by jmx)");
        }
        assertThat(program.management().get("/observe/health/ready").body()).contains(ROUTE + " stopped by jmx at ");
    }

    @Test
    void stopWaitsWhileRoutesAreReplaced(Program program) throws Exception {
        AuditedRouteController routes =
                (AuditedRouteController) program.caravan().context().getRouteController();
        CompletableFuture<Integer> stop;
        try (AuditedRouteController.RouteLock lock = routes.lock()) {
            stop = CompletableFuture.supplyAsync(() -> operate(program, "stop", ROUTE));
            await().during(500, TimeUnit.MILLISECONDS).until(() -> !stop.isDone());
            assertThat(routes.getRouteStatus(ROUTE).isStarted()).isTrue();
        }
        assertThat(stop.get(2, TimeUnit.MINUTES)).isEqualTo(204);
        assertThat(routes.getRouteStatus(ROUTE).isStopped()).isTrue();
    }

    @Test
    void anUnexpectedlyStoppedConsumerIsRestarted(Program program) throws Exception {
        AuditedRouteController routes =
                (AuditedRouteController) program.caravan().context().getRouteController();
        try (AuditedRouteController.RouteLock lock = routes.lock()) {
            ServiceHelper.stopService(
                    program.caravan().context().getRoute(ROUTE).getConsumer());

            await().until(() ->
                    check(program, "consumers").path("status").asText().equals("DOWN"));
            assertThat(metrics(program)).contains("caravan_route_up{route=\"" + ROUTE + "\"} 0.0");
            await().untilAsserted(() -> assertThat(
                            program.management().get("/observe/health/ready").status())
                    .isEqualTo(200));
        }
        await().until(() -> metrics(program).contains("caravan_route_up{route=\"" + ROUTE + "\"} 1.0"));
    }

    @Test
    void aConsumerThatCannotJoinItsGroupIsNotReportedAsPolling(Program program) {
        operate(program, "stop", ROUTE);
        Properties other = new Properties();
        other.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, program.records().brokers());
        other.put(ConsumerConfig.GROUP_ID_CONFIG, "caravan-comments");
        other.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(other, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("comments"));
            await().until(() -> {
                consumer.poll(java.time.Duration.ofMillis(100));
                return !consumer.assignment().isEmpty();
            });

            operate(program, "start", ROUTE);

            await().until(() -> check(program, "consumers")
                    .path("message")
                    .asText()
                    .matches(".*\\b" + ROUTE + " (connecting \\(0\\)|outside its group).*"));
            await().during(3, TimeUnit.SECONDS).until(() -> !check(program, "consumers")
                    .path("message")
                    .asText()
                    .contains(ROUTE + " polling"));
        }
    }

    private static int operate(Program program, String action, String route) {
        return program.http()
                .send("POST", "/api/v1/routes/" + route + "/" + action, null, Map.of())
                .status();
    }

    private static void jmx(Program program, String operation) {
        Http.Answer answer = program.management()
                .postJson(
                        "/jolokia",
                        "{\"type\":\"exec\",\"mbean\":\"org.apache.camel:context=caravan,type=routes,name=\\\"" + ROUTE
                                + "\\\"\",\"operation\":\"" + operation + "\"}");
        assertThat(answer.json().path("status").asInt()).as(answer.body()).isEqualTo(200);
    }

    private static String metrics(Program program) {
        return program.management().get("/observe/metrics").body();
    }

    private static JsonNode check(Program program, String name) {
        return LiveRoutes.find(
                program.management().get("/observe/health/ready").json().path("checks"), "name", name);
    }
}
