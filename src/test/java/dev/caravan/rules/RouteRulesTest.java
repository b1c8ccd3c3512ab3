package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.HttpHeaderPolicy;
import dev.caravan.platform.edge.RecordHeaderPolicy;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.component.kafka.PollOnError;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.PolicyDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SetBodyDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.errorhandler.DeadLetterChannelDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.model.rest.VerbDefinition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

@TestInstance(Lifecycle.PER_CLASS)
class RouteRulesTest {

    private static final Set<String> CONFIGURATIONS = Set.of("http", "event-loop", "reliable", "indexing", "plain");
    /** Has no topic for failed records, so it waits. */
    private static final String INDEX = "dead-letter-index";

    private static final String POLICY_EVENT_LOOP = "http,event-loop";
    private static final Set<String> POLICIES = Set.of("http", POLICY_EVENT_LOOP, "reliable", "indexing", "plain");
    private static final Set<String> SCRIPTS =
            Set.of("groovy", "java", "joor", "js", "language", "method", "mvel", "ognl", "python", "script", "spel");
    private static final String FAIL = "direct:reliability-fail";
    private static final Pattern ELEMENT = Pattern.compile("<([A-Za-z]+)");
    private static final int MAX_OPERATION_LINES = 12;
    private static final int MAX_LINES = 200;

    private final RouteModel model = RouteModel.running();
    private final RouteModel written = RouteModel.written();

    @AfterAll
    void close() {
        model.close();
        written.close();
    }

    @Test
    void everyRouteHasIdDescriptionAndGroup() {
        assertThat(written()).isNotEmpty().allSatisfy(route -> {
            assertThat(route.hasCustomIdAssigned())
                    .as("%s was given its id", route.getRouteId())
                    .isTrue();
            assertThat(route.getDescriptionText())
                    .as("description of %s", route.getRouteId())
                    .isNotBlank();
            assertThat(route.getGroup()).as("group of %s", route.getRouteId()).isNotBlank();
        });
    }

    @Test
    void groupAndIdMatchTheFileName() {
        assertThat(written()).isNotEmpty().allSatisfy(route -> {
            assertThat(route.getGroup()).as("group of %s", route.getRouteId()).isEqualTo(RouteModel.fileWord(route));
            assertThat(route.getRouteId()).matches(route.getGroup() + "(-[a-z0-9]+)*");
        });
    }

    @Test
    void everyRouteHasAConfiguration() {
        assertThat(model.configurations())
                .extracting(each -> each.getId())
                .containsExactlyInAnyOrderElementsOf(CONFIGURATIONS);
        assertThat(written()).isNotEmpty().allSatisfy(route -> {
            assertThat(route.getRouteConfigurationId())
                    .as("policy of %s", route.getRouteId())
                    .isIn(POLICIES);
            assertThat(route.getAppliedRouteConfigurationIds())
                    .as("policy that %s really got", route.getRouteId())
                    .containsExactly(route.getRouteConfigurationId().split(","));
        });
    }

    @Test
    void directEndpointHasTheIdOfItsRoute() {
        assertThat(written().stream().filter(route -> RouteModel.uri(route).startsWith("direct:")))
                .isNotEmpty()
                .allSatisfy(route -> assertThat(RouteModel.uri(route)).isEqualTo("direct:" + route.getRouteId()));
    }

    @Test
    void restRoutesUseTheConfigurationHttp() {
        assertThat(model.routesFrom("rest"))
                .hasSize(model.operations().size())
                .isNotEmpty()
                .allSatisfy(route -> {
                    assertThat(route.getRouteConfigurationId())
                            .as(route.getRouteId())
                            .startsWith("http");
                    assertThat(policySteps(route)).as(route.getRouteId()).contains("problem");
                });
    }

    @Test
    void streamsUseTheConfigurationHttp() {
        assertThat(model.routesFrom("sse")).isNotEmpty().allSatisfy(route -> assertThat(
                        route.getAppliedRouteConfigurationIds())
                .as(route.getRouteId())
                .containsExactly("http"));
    }

    /** Hawtio shows the id of a step, which should describe it. */
    @Test
    void everyCodeStepHasAnIdOrDescription() {
        assertThat(written()).isNotEmpty().allSatisfy(route -> {
            List<ProcessorDefinition<?>> steps = RouteModel.code(route);
            assertThat(steps).as(route.getRouteId()).allSatisfy(step -> assertThat(
                            step.hasCustomIdAssigned() ? step.getId() : String.valueOf(step.getDescriptionText()))
                    .matches("[A-Za-z0-9]+([- ][A-Za-z0-9]+){1,4}"));
        });
    }

    @Test
    void consumersUseTheConfigurationReliable() {
        assertThat(model.routesFrom("kafka").stream()
                        .filter(route -> !route.getRouteId().equals(INDEX)))
                .isNotEmpty()
                .allSatisfy(route -> {
                    assertThat(route.getAppliedRouteConfigurationIds())
                            .as(route.getRouteId())
                            .containsExactly("reliable");
                    assertThat(policySteps(route)).as(route.getRouteId()).contains("receiveRecord", "completeRecord");
                });
    }

    @Test
    void routesHaveNoOtherEntryPoints() {
        assertThat(model.routes().stream()
                        .filter(route -> !RouteModel.uri(route).startsWith("timer:")))
                .isNotEmpty()
                .allSatisfy(route -> assertThat(RouteModel.uri(route))
                        .matches("(rest|kafka|direct|sse|sql):.*|seda:bulk-replays-run\\?.*"));
    }

    /** A timer has no caller to report a failure to, and runs on every worker: its work must be repeatable SQL. */
    @Test
    void timersRunSqlOnWorkersAndCatchFailures() {
        assertThat(model.routesFrom("timer")).isNotEmpty().allSatisfy(route -> {
            assertThat(route.getAutoStartup()).as(route.getRouteId()).isEqualTo("{{role.worker}}");
            assertThat(RouteModel.uris(route).stream().skip(1)).isNotEmpty().allMatch(uri -> uri.startsWith("sql:"));
            assertThat(RouteModel.directSteps(route)).singleElement().isInstanceOf(TryDefinition.class);
        });
    }

    /** Each poll may fail, which must neither fill the log nor cause an immediate poll. */
    @Test
    void databasePollsRunOnWorkersWithRateLimitedLogs() {
        assertThat(model.routesFrom("sql")).isNotEmpty().allSatisfy(route -> {
            assertThat(route.getAutoStartup()).as(route.getRouteId()).isEqualTo("{{role.worker}}");
            assertThat(RouteModel.uri(route)).contains("exceptionHandler=#pollFailures", "transacted=true");
        });
    }

    @Test
    void everyTopicHasAConsumerAndAProcessRoute() {
        Topics topics = model.context().getRegistry().findSingleByType(Topics.class);

        assertThat(topics.consumers().all().stream().map(TopicConsumer::name))
                .isNotEmpty()
                .allSatisfy(capability -> {
                    assertThat(RouteModel.uri(model.route(capability + "-consume")))
                            .startsWith("kafka:{{" + capability + ".topic}}?");
                    assertThat(RouteModel.uri(model.route(capability + "-process")))
                            .isEqualTo("direct:" + capability + "-process");
                });
        assertThat(model.routesFrom("kafka").stream()
                        .filter(route -> route.getRouteId().startsWith("retry-")))
                .as("one consumer for each level of retry topics")
                .hasSize(topics.levels());
    }

    @Test
    void onlyTheConfigurationReliableCommitsOffsets() {
        assertThat(model.consumers()).isNotEmpty().allSatisfy((id, endpoint) -> {
            assertThat(endpoint.getConfiguration().isAutoCommitEnable())
                    .as("%s auto-commits", id)
                    .isFalse();
            assertThat(endpoint.getConfiguration().isAllowManualCommit())
                    .as("%s commits by hand", id)
                    .isTrue();
            assertThat(endpoint.getKafkaManualCommitFactory())
                    .as("%s commits after each poll", id)
                    .isNull();
        });
    }

    @Test
    void consumersDoNotSkipFailedRecords() {
        assertThat(model.consumers()).isNotEmpty().allSatisfy((id, endpoint) -> {
            assertThat(endpoint.getConfiguration().isBreakOnFirstError())
                    .as("%s breaks", id)
                    .isTrue();
            assertThat(endpoint.getConfiguration().getPollOnError()).as(id).isEqualTo(PollOnError.RECONNECT);
            assertThat(endpoint.getConfiguration().getAutoOffsetReset()).as(id).isEqualTo("earliest");
            assertThat(endpoint.getConfiguration().isBatching())
                    .as("%s reads batches", id)
                    .isFalse();
        });
    }

    @Test
    void everyConsumerHasItsOwnGroup() {
        assertThat(model.consumers()).isNotEmpty().allSatisfy((id, endpoint) -> {
            assertThat(endpoint.getConfiguration().getGroupId())
                    .as("group of %s", id)
                    .startsWith("caravan-");
            assertThat(RouteModel.uri(model.route(id))).contains("groupId={{kafka.consumer.group.id}}-");
        });
        assertThat(model.consumers().values())
                .extracting(each -> each.getConfiguration().getGroupId())
                .doesNotHaveDuplicates();
    }

    @Test
    void edgesStripCamelHeaders() {
        assertThat(model.kafkaUris()).isNotEmpty().allSatisfy(uri -> assertThat(model.context()
                        .getEndpoint(uri, KafkaEndpoint.class)
                        .getConfiguration()
                        .getHeaderFilterStrategy())
                .as(uri)
                .isInstanceOf(RecordHeaderPolicy.class));
        assertThat(model.context()
                        .getComponent("platform-http", PlatformHttpComponent.class)
                        .getHeaderFilterStrategy())
                .isInstanceOf(HttpHeaderPolicy.class);
    }

    @Test
    void kafkaUrisContainNoLiteralTopic() {
        assertThat(model.kafkaUris()).isNotEmpty().allSatisfy(uri -> assertThat(uri)
                .matches("kafka:(\\{\\{[^{}]+}}(\\?.*)?|\\$\\{exchangeProperty\\.Caravan\\w+}(-retry-[123]|-dlq)?)"));
    }

    @Test
    void kafkaProducersAreInsideThePolicyPublishing() {
        assertThat(model.routes().stream()
                        .flatMap(route -> RouteModel.sends(route).stream())
                        .filter(step -> RouteModel.sendUri(step).startsWith("kafka:")))
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step.getParent())
                        .isInstanceOfSatisfying(PolicyDefinition.class, policy -> assertThat(policy.getRef())
                                .isEqualTo("publishing")));
    }

    /** Nothing else may block, because these routes run on the event loop. */
    @Test
    void acceptRoutesPublishToTheirTopicOnly() {
        assertThat(written().stream().filter(route -> POLICY_EVENT_LOOP.equals(route.getRouteConfigurationId())))
                .isNotEmpty()
                .allSatisfy(route -> assertThat(RouteModel.uris(route).stream()
                                .skip(1)
                                .filter(uri -> !uri.matches("(schema|respond):.*")))
                        .as(route.getRouteId())
                        .containsOnly(
                                route.getGroup().equals("events")
                                        ? "direct:events-publish"
                                        : "kafka:{{" + route.getGroup() + ".topic}}"));
        assertThat(RouteModel.uris(written.route("events-publish")))
                .containsExactly("direct:events-publish", "kafka:${exchangeProperty.CaravanTopic}");
    }

    @Test
    void restOperationsHaveIdDescriptionAndTheirOwnRoute() {
        assertThat(model.operations()).isNotEmpty().allSatisfy(operation -> {
            assertThat(operation.hasCustomIdAssigned())
                    .as("%s was given its id", operation.getId())
                    .isTrue();
            assertThat(operation.getDescriptionText())
                    .as("description of %s", operation.getId())
                    .isNotBlank();
            assertThat(model.route(route(operation)))
                    .as("route of %s", operation.getId())
                    .isNotNull();
        });
        assertThat(model.operations()).extracting(VerbDefinition::getId).doesNotHaveDuplicates();
        assertThat(model.operations()).extracting(RouteRulesTest::route).doesNotHaveDuplicates();
    }

    @Test
    void restBlocksAreTaggedWithTheirCapability() {
        assertThat(model.rests()).isNotEmpty().allSatisfy(rest -> {
            assertThat(rest.getDescriptionText()).as(rest.getPath()).isNotBlank();
            assertThat(rest.getVerbs()).isNotEmpty().allSatisfy(operation -> {
                assertThat(model.route(route(operation)).getGroup()).isEqualTo(rest.getTag());
                assertThat(operation.getId()).startsWith(rest.getTag() + "-");
            });
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void restOperationsAreShort(Path file) throws IOException {
        int lines = 0;
        boolean rest = false;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("- ")) {
                rest = line.startsWith("- rest:");
            } else if (rest) {
                lines = line.startsWith("      - id: ") ? 1 : lines + 1;
                assertThat(lines).as(line).isLessThanOrEqualTo(MAX_OPERATION_LINES);
                if (line.startsWith("        to: ")) {
                    lines = 0;
                }
            }
        }
    }

    /** An undeclared query parameter does not reach its route. */
    @Test
    void overlayDescribesEachOperationAndItsParameters() throws IOException {
        Map<String, Map<String, List<Map<String, Object>>>> described = overlay();

        List<String> operations = new ArrayList<>(
                model.operations().stream().map(VerbDefinition::getId).toList());
        model.routesFrom("sse").forEach(stream -> operations.add(stream.getId()));
        assertThat(described.keySet()).containsExactlyInAnyOrderElementsOf(operations);
        assertThat(model.operations()).isNotEmpty().allSatisfy(operation -> assertThat(
                        described.get(operation.getId()).getOrDefault("parameters", List.of()).stream()
                                .filter(parameter -> !"header".equals(parameter.get("in")))
                                .map(parameter -> parameter.get("in") + " " + parameter.get("name")))
                .as(operation.getId())
                .containsExactlyInAnyOrderElementsOf(operation.getParams().stream()
                        .filter(param -> param.getType() != RestParamType.body)
                        .map(param -> param.getType() + " " + param.getName())
                        .toList()));
    }

    private static Map<String, Map<String, List<Map<String, Object>>>> overlay() throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(10_000);
        Map<String, Map<String, Map<String, List<Map<String, Object>>>>> file =
                new Yaml(options).load(Files.readString(Path.of("src/main/resources/openapi.yaml")));
        return file.get("operations");
    }

    @Test
    void reliableHandlesEveryException() {
        assertThat(model.configuration("reliable").getErrorHandler().getErrorHandlerType())
                .isInstanceOfSatisfying(DeadLetterChannelDefinition.class, channel -> {
                    assertThat(channel.getDeadLetterUri()).isEqualTo(FAIL);
                    assertThat(channel.getDeadLetterHandleNewException()).isEqualTo("false");
                    assertThat(channel.getUseOriginalMessage()).isEqualTo("true");
                    assertThat(channel.getRedeliveryPolicyRef()).isEqualTo("inPlaceRetries");
                });
    }

    /** A lost transaction is the exception: it commits nothing, and the consumer seeks back to its first record. */
    @Test
    void handledFailuresGoUnchangedToTheNextTopic() {
        List<OnExceptionDefinition> handling = model.configuration("reliable").getOnExceptions().stream()
                .filter(RouteRulesTest::handles)
                .filter(clause -> !clause.getExceptions()
                        .equals(List.of(
                                "dev.caravan.platform.reliability.ConsumerTransaction$TransactionLostException")))
                .toList();

        assertThat(handling).isNotEmpty().allSatisfy(clause -> {
            assertThat(clause.getUseOriginalMessage()).isEqualTo("true");
            assertThat(clause.getContinued()).isNull();
            assertThat(clause.getOutputs()).singleElement().isInstanceOfSatisfying(ToDefinition.class, to -> assertThat(
                            to.getUri())
                    .isEqualTo(FAIL));
        });
    }

    @Test
    void unhandledFailuresLeaveTheRoute() {
        List<OnExceptionDefinition> leaving = model.configuration("reliable").getOnExceptions().stream()
                .filter(clause -> !handles(clause))
                .toList();

        assertThat(leaving).isNotEmpty().allSatisfy(clause -> {
            assertThat(clause.getContinued()).isNull();
            assertThat(clause.getOutputs()).singleElement().isInstanceOf(StopDefinition.class);
        });
    }

    @Test
    void reliableCommitsLastOnTheConsumerThread() {
        assertThat(model.configuration("reliable").getOnCompletions())
                .singleElement()
                .satisfies(last -> {
                    assertThat(last.getMode()).isEqualTo("BeforeConsumer");
                    assertThat(last.getOnCompleteOnly()).isEqualTo("true");
                    assertThat(last.getParallelProcessing()).isNotEqualTo("true");
                    assertThat(refs(last)).containsExactly("completeRecord");
                });
    }

    @Test
    void failureInTheFailureRouteLeavesIt() {
        assertThat(model.configuration("plain").getErrorHandler().getErrorHandlerType())
                .isInstanceOf(NoErrorHandlerDefinition.class);
        assertThat(model.route("reliability-fail").getAppliedRouteConfigurationIds())
                .containsExactly("plain");
    }

    @Test
    void processRoutesEndWithThePolicyOnce() {
        List<RouteDefinition> processing = model.routes().stream()
                .filter(route -> route.getRouteId().endsWith("-process"))
                .toList();

        assertThat(processing).isNotEmpty().allSatisfy(route -> {
            List<ProcessorDefinition<?>> steps = RouteModel.directSteps(route);
            ProcessorDefinition<?> last = steps.get(steps.size() - 1);
            assertThat(last)
                    .as("last step of %s", route.getRouteId())
                    .isInstanceOfSatisfying(PolicyDefinition.class, once -> {
                        assertThat(once.getRef()).isEqualTo("once");
                        assertThat(once.getOutputs()).isNotEmpty();
                    });
            assertThat(steps.subList(0, steps.size() - 1))
                    .as("steps of %s before its effect", route.getRouteId())
                    .allSatisfy(step -> assertThat(RouteModel.sendUri(step)).startsWith("schema:"));
            assertThat(route.getAppliedRouteConfigurationIds())
                    .as(route.getRouteId())
                    .containsExactly("plain");
        });
    }

    @Test
    void stepsStayOnTheConsumerThread() {
        Set<String> leaving = Set.of("threads", "wireTap", "delay", "throttle", "resequence", "kamelet");

        // A bulk replay continues after its request.
        assertThat(model.routes().stream().filter(route -> !"bulk-replays".equals(route.getGroup())))
                .isNotEmpty()
                .allSatisfy(route -> {
                    assertThat(elements(route)).as(route.getRouteId()).doesNotContainAnyElementsOf(leaving);
                    assertThat(RouteModel.uris(route)).noneMatch(uri -> uri.matches("(seda|vm|disruptor|thread):.*"));
                    assertThat(model.xml(route)).as(route.getRouteId()).doesNotContain("parallelProcessing=\"true\"");
                });
    }

    @Test
    void routesContainNoScripts() {
        assertThat(model.routes()).isNotEmpty().allSatisfy(route -> assertThat(elements(route))
                .as(route.getRouteId())
                .contains("route")
                .doesNotContainAnyElementsOf(SCRIPTS));
    }

    @Test
    void routesDoNotConcatenateJson() {
        assertThat(model.routes()).isNotEmpty().allSatisfy(route -> assertThat(
                        RouteModel.steps(route, SetBodyDefinition.class))
                .as(route.getRouteId())
                .allSatisfy(
                        step -> assertThat(step.getExpression().getExpression().strip())
                                .doesNotStartWith("{")
                                .doesNotStartWith("[")));
    }

    @Test
    void dynamicEndpointsUseOnlyCaravanProperties() {
        Set<String> choosing = Set.of("recipientList", "routingSlip", "dynamicRouter", "enrich", "pollEnrich");

        assertThat(model.routes()).isNotEmpty().allSatisfy(route -> assertThat(elements(route))
                .as(route.getRouteId())
                .doesNotContainAnyElementsOf(choosing));
        assertThat(model.routes().stream()
                        .flatMap(route -> RouteModel.steps(route, ToDynamicDefinition.class).stream())
                        .map(ToDynamicDefinition::getUri))
                .isNotEmpty()
                .allMatch(uri -> uri.matches("(direct|kafka):\\$\\{exchangeProperty\\.Caravan\\w+}[\\w-]*"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void fileIsShortAndNamedByItsCapability(Path file) throws IOException {
        assertThat(file.getFileName().toString()).matches("[a-z]+(-[a-z]+)*\\.camel\\.yaml");
        assertThat(Files.readAllLines(file).size()).as("lines").isLessThan(MAX_LINES);
    }

    @Test
    void everyFileIsLoaded() throws IOException {
        Set<String> loaded = new HashSet<>();
        model.routes().forEach(route -> loaded.add(RouteModel.fileWord(route)));

        // A file without routes.
        loaded.add("policies");
        assertThat(files().map(file -> file.getFileName().toString().replaceFirst("\\..*", "")))
                .isNotEmpty()
                .allSatisfy(word -> assertThat(loaded).contains(word));
    }

    static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(RouteModel.FOLDER)) {
            return files.sorted().toList().stream();
        }
    }

    private List<RouteDefinition> written() {
        return written.routes().stream()
                .filter(route -> !RouteModel.uri(route).startsWith("rest:"))
                .toList();
    }

    private static String route(VerbDefinition operation) {
        return operation.getTo().getUri().replaceFirst("^direct:", "");
    }

    private static boolean handles(OnExceptionDefinition clause) {
        return clause.getHandled() == null
                || !"false".equals(clause.getHandled().getExpressionType().getExpression());
    }

    /** The processors that a configuration adds to a route. */
    private static List<String> policySteps(RouteDefinition route) {
        return RouteModel.directSteps(route).stream()
                .filter(step -> !(step instanceof PolicyDefinition))
                .flatMap(step ->
                        step instanceof ProcessDefinition process ? Stream.of(process.getRef()) : refs(step).stream())
                .toList();
    }

    private static List<String> refs(ProcessorDefinition<?> parent) {
        return RouteModel.steps(parent, ProcessDefinition.class).stream()
                .map(ProcessDefinition::getRef)
                .toList();
    }

    private Set<String> elements(RouteDefinition route) {
        Set<String> names = new HashSet<>();
        ELEMENT.matcher(model.xml(route)).results().forEach(found -> names.add(found.group(1)));
        return names;
    }
}
