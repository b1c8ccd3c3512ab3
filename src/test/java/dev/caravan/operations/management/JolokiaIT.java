package dev.caravan.operations.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(CaravanExtension.class)
class JolokiaIT {

    private static final String ROUTE = "org.apache.camel:context=caravan,type=routes,name=\\\"%s\\\"";
    private static final String CONTEXT = "org.apache.camel:context=caravan,type=context,name=\\\"caravan\\\"";

    @Test
    void showsRoutesWithDescriptionAndDiagram(Program program) {
        JsonNode routes = ask(program, read("org.apache.camel:type=routes,*", "Description"))
                .path("value");
        assertThat(routes.toString())
                .contains("Reads the orders from Kafka, reliably.", "Answers with one order as stored.");

        assertThat(ask(program, exec(CONTEXT, "dumpRoutesAsXml()"))
                        .path("value")
                        .asText())
                .contains("<route", "id=\"orders-process\"", "{{orders.topic}}");
        assertThat(ask(program, exec(ROUTE.formatted("orders-consume"), "dumpRouteStatsAsXml", "true", "false"))
                        .path("value")
                        .asText())
                .contains("<routeStat id=\"orders-consume\"");
    }

    @Test
    void routesCanBeSuspendedResumedStoppedAndStarted(Program program) {
        String route = ROUTE.formatted("comments-list");
        for (String[] step : new String[][] {
            {"suspend()", "Suspended"}, {"resume()", "Started"}, {"stop()", "Stopped"}, {"start()", "Started"}
        }) {
            JsonNode answer = ask(program, exec(route, step[0]));

            assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(200);
            assertThat(ask(program, read(route, "State")).path("value").asText())
                    .as(step[0])
                    .isEqualTo(step[1]);
        }
        assertThat(program.http().get("/api/v1/comments").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.lang:type=Memory | HeapMemoryUsage",
                "java.lang:type=MemoryPool,* | Usage",
                "java.lang:type=GarbageCollector,* | CollectionCount",
                "java.lang:type=Threading | ThreadCount",
                "java.lang:type=Runtime | Uptime",
                "java.lang:type=OperatingSystem | SystemLoadAverage",
                "kafka.consumer:type=consumer-fetch-manager-metrics,* | records-consumed-total",
                "kafka.producer:type=producer-metrics,* | record-send-total",
                "org.apache.camel:type=context,* | StartedRoutes",
                "org.apache.camel:type=consumers,* | State",
                "org.apache.camel:type=components,* | ComponentName",
                "org.apache.camel:type=endpoints,* | EndpointUri",
            })
    void showsFiguresOfTheProgram(String name, String attribute, Program program) {
        assertThat(ask(program, read(name, attribute)).path("status").asInt()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "com.sun.management:type=DiagnosticCommand | vmSystemProperties",
                "com.sun.management:type=DiagnosticCommand | jvmtiAgentLoad",
                "com.sun.management:type=HotSpotDiagnostic | dumpHeap",
                "com.sun.management:type=HotSpotDiagnostic | setVMOption",
                "java.lang:type=Memory | gc",
                "java.lang:type=Memory | gc()",
                "java.lang:type=Threading | dumpAllThreads(boolean,boolean)",
                "java.util.logging:type=Logging | setLoggerLevel",
                "JMImplementation:type=MBeanServerDelegate | toString",
                "ch.qos.logback.classic:Name=default,Type=ch.qos.logback.classic.jmx.JMXConfigurator | reloadDefaultConfiguration",
                "{context} | stop()",
                "{context} | suspend()",
                "{context} | restart()",
                "{context} | sendBody",
                "{context} | requestBody(java.lang.String,java.lang.Object)",
                "{context} | createEndpoint",
                "{context} | setGlobalOption",
                "{context} | getGlobalOption",
                "{context} | dumpRoutesAsXml(boolean)",
                "{context} | dumpRoutesAsXml",
                "{route} | remove()",
                "{route} | stop(long)",
                "{route} | stopAndFail()",
                "{route} | restart()",
                "{route} | updateRouteFromXml",
                "{route} | dumpRouteAsXml(boolean)",
                "{route} | dumpRouteAsYaml(boolean)",
                "{route} | reset(boolean)",
            })
    void rejectsAllOtherOperations(String name, String operation, Program program) {
        JsonNode answer = ask(program, exec(named(name), operation));

        assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.lang:type=Runtime | SystemProperties",
                "java.lang:type=Runtime | InputArguments",
                "java.lang:type=Runtime | ClassPath",
                "com.sun.management:type=HotSpotDiagnostic | DiagnosticOptions",
                "JMImplementation:type=MBeanServerDelegate | MBeanServerId",
                "{context} | GlobalOptions",
            })
    void rejectsReadsThatCouldRevealSecrets(String name, String attribute, Program program) {
        JsonNode answer = ask(program, read(named(name), attribute));

        assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.lang:type=Memory | Verbose | true",
                "java.lang:type=Threading | ThreadCpuTimeEnabled | false",
                "{context} | Timeout | 1",
                "{route} | StatisticsEnabled | false",
            })
    void rejectsWrites(String name, String attribute, String value, Program program) {
        JsonNode answer = ask(
                program,
                "{\"type\":\"write\",\"mbean\":\"%s\",\"attribute\":\"%s\",\"value\":%s}"
                        .formatted(named(name), attribute, value));

        assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"type\":\"version\"},{\"type\":\"NOTIFICATION\",\"command\":\"register\"}]",
                "{\"type\":\"notification\",\"command\":\"register\"}",
                "{\"type\":\"config\"}",
                "{\"type\":\"read\",\"mbean\":\"java.lang:type=Memory\",\"target\":{\"url\":\"service:jmx:rmi:///jndi/rmi://127.0.0.1:1/jmxrmi\"}}",
                "{\"type\":\"list\",\"target\":{\"url\":\"service:jmx:rmi:///jndi/rmi://127.0.0.1:1/jmxrmi\"}}",
            })
    void rejectsOtherTypesOfRequests(String request, Program program) {
        assertThat(program.management().postJson("/jolokia", request).status()).isEqualTo(403);
    }

    @Test
    void listsNoOtherDomains(Program program) {
        JsonNode list = ask(program, "{\"type\":\"list\"}").path("value");

        Set<String> domains = new HashSet<>();
        list.fieldNames().forEachRemaining(domains::add);
        assertThat(domains)
                .contains("org.apache.camel", "java.lang", "kafka.consumer", "kafka.producer")
                .isSubsetOf(
                        "org.apache.camel",
                        "java.lang",
                        "java.nio",
                        "kafka.consumer",
                        "kafka.producer",
                        "kafka.admin.client",
                        "kafka.server");
        assertThat(ask(program, "{\"type\":\"search\",\"mbean\":\"com.sun.management:*\"}")
                        .path("value"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, 403",
        "https://127.0.0.1, 403",
        "http://localhost:3000, 403",
        "null, 403",
        "http://evil.example:{port}, 403",
        "http://127.0.0.1:{port}, 200"
    })
    void rejectsOtherOrigins(String origin, int status, Program program) {
        String ours = origin.replace("{port}", Integer.toString(program.managementPort()));
        assertThat(program.management()
                        .send("POST", "/jolokia", "{\"type\":\"version\"}", Map.of("Origin", ours))
                        .status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jolokia/exec/org.apache.camel:context=caravan,type=routes,name=%22orders-consume%22/suspend()",
                "/jolokia/read/java.lang:type=Memory",
                "/jolokia?p=read/java.lang:type=Memory",
                "/jolokia/list",
            })
    void rejectsLinks(String path, Program program) {
        assertThat(program.management().get(path).status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/jolokia", "/jolokia/version", "/hawtio/", "/observe/health", "/observe/metrics"})
    void isNotServedOnTheBusinessPort(String path, Program program) {
        assertThat(program.http().get(path).status()).isEqualTo(404);
        assertThat(program.http().postJson(path, "{\"type\":\"version\"}").status())
                .isEqualTo(404);
    }

    private static String named(String name) {
        return name.replace("{context}", CONTEXT).replace("{route}", ROUTE.formatted("orders-find"));
    }

    private static String read(String name, String attribute) {
        return "{\"type\":\"read\",\"mbean\":\"%s\",\"attribute\":\"%s\"}".formatted(name, attribute);
    }

    private static String exec(String name, String operation, String... arguments) {
        return "{\"type\":\"exec\",\"mbean\":\"%s\",\"operation\":\"%s\",\"arguments\":[%s]}"
                .formatted(name, operation, String.join(",", arguments));
    }

    private static JsonNode ask(Program program, String request) {
        Http management = program.management();
        Answer answer = management.postJson("/jolokia", request);
        return answer.json();
    }
}
