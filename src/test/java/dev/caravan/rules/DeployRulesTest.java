package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.deploy.KafkaAcl;
import dev.caravan.deploy.Manifests;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code deploy/} fits the program: topics, groups and permissions are exactly those of the shipped routes, and the limits of pods, gateway and
 * database allow the times and connections that the program needs.
 */
class DeployRulesTest {

    private static final Manifests MANIFESTS = Manifests.of("production");

    private static RouteModel model;
    private static Consumers consumers;
    private static Topics topics;

    @BeforeAll
    static void load() {
        model = RouteModel.written();
        topics = model.context().getRegistry().findSingleByType(Topics.class);
        consumers = topics.consumersOf(new Consumers.Routes(Map.of(), readings()));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The routes that read a capability's topic, without those of retry and dead-letter topics. */
    private static Set<Consumers.Reading> readings() {
        return kafka().filter(kafka -> topics(kafka).noneMatch(Topics::isLadder))
                .flatMap(kafka ->
                        topics(kafka).map(topic -> new Consumers.Reading(topics.consumerOf(kafka.getGroupId()), topic)))
                .collect(Collectors.toSet());
    }

    private static Stream<KafkaConfiguration> kafka() {
        return model.consumers().values().stream().map(KafkaEndpoint::getConfiguration);
    }

    private static Stream<String> topics(KafkaConfiguration kafka) {
        return Stream.of(kafka.getTopic().split(","));
    }

    private static Set<String> groups() {
        return kafka().map(KafkaConfiguration::getGroupId).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String wakeUps() {
        return resolve("sse.changes.topic");
    }

    private static String resolve(String property) {
        return model.context().resolvePropertyPlaceholders("{{" + property + "}}");
    }

    @Test
    void topicsEqualThoseOfTheRoutes() {
        for (String overlay : Manifests.OVERLAYS) {
            assertThat(Manifests.of(overlay).kind("KafkaTopic").map(Manifests::name))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(topics.required(consumers).stream(), Stream.of(wakeUps()))
                                    .toList());
        }
    }

    @Test
    void topicsHaveTheSettingsThatTheProgramUses() {
        long retention = Durations.millis(resolve("kafka.topic.retention"));
        MANIFESTS
                .kind("KafkaTopic")
                .filter(topic -> !Manifests.name(topic).equals(wakeUps()))
                .forEach(topic -> {
                    String bytes =
                            Topics.isLadder(Manifests.name(topic)) ? "kafka.ladder.max.bytes" : "kafka.topic.max.bytes";
                    assertThat(Manifests.map(topic, "spec", "config"))
                            .as(Manifests.name(topic))
                            .containsEntry("message.timestamp.type", "LogAppendTime")
                            .containsEntry("max.message.bytes", Integer.parseInt(resolve(bytes)))
                            .containsEntry("retention.ms", (int) retention)
                            .containsEntry("segment.ms", (int) retention / 12);
                });
    }

    @Test
    void twoReplicasAcknowledgeEachRecord() {
        assertThat(MANIFESTS.kind("KafkaTopic")).allSatisfy(topic -> {
            assertThat(Manifests.map(topic, "spec")).containsEntry("replicas", 3);
            assertThat(Manifests.map(topic, "spec", "config")).containsEntry("min.insync.replicas", 2);
        });
    }

    @Test
    void workerMayConsumeAndWriteFailureTopics() {
        List<KafkaAcl> needed = new ArrayList<>();
        consumers.topics().forEach(topic -> needed.add(KafkaAcl.topic(topic, "Read")));
        ladders().forEach(topic -> needed.add(KafkaAcl.topic(topic, "Read", "Write")));
        needed.add(KafkaAcl.topic(wakeUps(), "Read", "Write"));
        groups().forEach(group -> needed.add(KafkaAcl.group(group, "Read")));

        assertThat(KafkaAcl.of(MANIFESTS, "caravan-worker")).containsExactlyInAnyOrderElementsOf(needed);
    }

    @Test
    void apiMayPublishReplayRewindAndSearch() {
        List<KafkaAcl> needed = new ArrayList<>();
        consumers.topics().forEach(topic -> needed.add(KafkaAcl.topic(topic, "Read", "Write")));
        ladders()
                .forEach(topic -> needed.add(
                        Topics.level(topic) == 1
                                ? KafkaAcl.topic(topic, "Read", "Write")
                                : KafkaAcl.topic(topic, "Read")));
        needed.add(KafkaAcl.topic(wakeUps(), "Read", "Write"));
        groups().forEach(group -> needed.add(KafkaAcl.group(group, "Read")));

        assertThat(KafkaAcl.of(MANIFESTS, "caravan-api")).containsExactlyInAnyOrderElementsOf(needed);
    }

    @Test
    void workersScaleByTheLagOfEachConsumer() {
        Map<String, Object> scaled = MANIFESTS.one("ScaledObject", "caravan-worker");
        List<Map<String, Object>> triggers = Manifests.list(Manifests.map(scaled, "spec"), "triggers").stream()
                .map(trigger -> Manifests.map(trigger, "metadata"))
                .toList();
        String prefix = resolve("kafka.consumer.group.id") + "-";

        assertThat(triggers)
                .extracting(trigger -> trigger.get("consumerGroup") + " " + trigger.get("topic"))
                .containsExactlyInAnyOrderElementsOf(consumers.all().stream()
                        .map(consumer -> prefix + consumer.name() + " " + consumer.topic())
                        .toList());
        assertThat(Manifests.map(scaled, "spec").get("maxReplicaCount"))
                .isEqualTo(Manifests.map(MANIFESTS.one("KafkaTopic", "orders"), "spec")
                        .get("partitions"));
        assertThat(KafkaAcl.of(MANIFESTS, "caravan-scaler"))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                consumers.topics().stream().map(topic -> KafkaAcl.topic(topic, "Describe")),
                                consumers.all().stream()
                                        .map(TopicConsumer::name)
                                        .distinct()
                                        .map(name -> KafkaAcl.group(prefix + name, "Describe")))
                        .toList());
    }

    @Test
    void theGatewayEndsNoStream() {
        List<Map<String, Object>> rules =
                Manifests.list(Manifests.map(MANIFESTS.one("HTTPRoute", "caravan"), "spec"), "rules");
        List<String> endless = rules.stream()
                .filter(rule -> Manifests.map(rule, "timeouts").get("request").equals("0s"))
                .flatMap(rule -> Manifests.list(rule, "matches").stream())
                .map(match -> (String) Manifests.map(match, "path").get("value"))
                .toList();
        List<String> streams = model.routesFrom("sse").stream()
                .map(route -> RouteModel.uri(route).replaceFirst("^sse:", ""))
                .toList();

        assertThat(streams).isNotEmpty().allSatisfy(stream -> assertThat(endless)
                .anyMatch(prefix -> stream.startsWith(prefix + "/")));
    }

    @Test
    void aPodHasTheTimeToDrain() {
        long drain = Long.parseLong(resolve("camel.main.shutdown-timeout"));
        long margin = 10;

        assertThat(MANIFESTS.kind("Deployment")).hasSize(2).allSatisfy(deployment -> {
            Map<String, Object> pod = Manifests.map(deployment, "spec", "template", "spec");
            Map<String, Object> container = Manifests.list(pod, "containers").get(0);
            int leaving = (int)
                    Manifests.map(container, "lifecycle", "preStop", "sleep").get("seconds");
            assertThat(leaving + drain + margin).isLessThan((int) pod.get("terminationGracePeriodSeconds"));
        });
    }

    @Test
    void theDatabaseHasConnectionsForAllPods() {
        int pool = Integer.parseInt(resolve("database.pool"));
        int check = 1;
        int threads = model.consumers().size() * Integer.parseInt(resolve("kafka.consumer.workers"));
        int api = (int) Manifests.map(MANIFESTS.one("HorizontalPodAutoscaler", "caravan-api"), "spec")
                .get("maxReplicas");
        int apiSurge = (api + 3) / 4;
        int workers = (int) Manifests.map(MANIFESTS.one("ScaledObject", "caravan-worker"), "spec")
                .get("maxReplicaCount");
        int workerSurge = 1;
        int operators = 20;

        int needed = (api + apiSurge) * (pool + check) + (workers + workerSurge) * (pool + threads + check) + operators;

        assertThat(Integer.parseInt((String)
                        Manifests.map(MANIFESTS.one("Cluster", "caravan-db"), "spec", "postgresql", "parameters")
                                .get("max_connections")))
                .isGreaterThanOrEqualTo(needed);
    }

    @Test
    void theStandbyRegionIsNotReportedAsDown() {
        assertThat(down("two-regions/west")).contains("absent(");
        assertThat(down("two-regions/east")).isEqualTo("up{job=\"caravan\"} == 0");
    }

    private static String down(String overlay) {
        Map<String, Object> rule = Manifests.list(
                        Manifests.list(
                                        Manifests.map(Manifests.of(overlay).one("PrometheusRule", "caravan"), "spec"),
                                        "groups")
                                .get(0),
                        "rules")
                .get(0);
        assertThat(rule).containsEntry("alert", "CaravanDown");
        return (String) rule.get("expr");
    }

    @Test
    void theRunbookNamesEveryAlertAndNoOther() throws IOException {
        assertThat(alerts("deploy/RUNBOOK.md")).isEqualTo(alerts("deploy/prometheus/alerts.yml"));
    }

    private static Set<String> alerts(String file) throws IOException {
        Set<String> alerts = new TreeSet<>();
        Matcher name = Pattern.compile("Caravan[A-Z][A-Za-z]+").matcher(Files.readString(Path.of(file)));
        while (name.find()) {
            alerts.add(name.group());
        }
        return alerts;
    }

    private static List<String> ladders() {
        return topics.required(consumers).stream().filter(Topics::isLadder).toList();
    }
}
