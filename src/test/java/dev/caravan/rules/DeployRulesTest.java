package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.deploy.KafkaAcl;
import dev.caravan.deploy.Manifests;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The topics, groups and permissions of {@code deploy/} are those of the shipped routes, no fewer and no more. */
class DeployRulesTest {

    private static final Manifests MANIFESTS = Manifests.of("production");

    private static RouteModel model;
    private static Consumers consumers;
    private static Topics topics;

    @BeforeAll
    static void load() {
        model = RouteModel.written();
        topics = model.context().getRegistry().findSingleByType(Topics.class);
        consumers = topics.with(new Consumers.Routes(Map.of(), readings()));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Of the routes that read messages where they were published, not those that failed. */
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
    void theTopicsAreThoseOfTheRoutes() {
        for (String overlay : Manifests.OVERLAYS) {
            assertThat(Manifests.of(overlay).kind("KafkaTopic").map(Manifests::name))
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(topics.all(consumers).stream(), Stream.of(wakeUps()))
                                    .toList());
        }
    }

    @Test
    void theTopicsHaveTheSettingsOfThoseThatTheProgramCreates() {
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
    void aRecordIsStoredTwiceBeforeItIsAcknowledged() {
        assertThat(MANIFESTS.kind("KafkaTopic")).allSatisfy(topic -> {
            assertThat(Manifests.map(topic, "spec")).containsEntry("replicas", 3);
            assertThat(Manifests.map(topic, "spec", "config")).containsEntry("min.insync.replicas", 2);
        });
    }

    @Test
    void theWorkerMayConsumeAndPassOnWhatFailed() {
        List<KafkaAcl> needed = new ArrayList<>();
        consumers.topics().forEach(topic -> needed.add(KafkaAcl.topic(topic, "Read")));
        ladders().forEach(topic -> needed.add(KafkaAcl.topic(topic, "Read", "Write")));
        needed.add(KafkaAcl.topic(wakeUps(), "Read", "Write"));
        groups().forEach(group -> needed.add(KafkaAcl.group(group, "Read")));

        assertThat(KafkaAcl.of(MANIFESTS, "caravan-worker")).containsExactlyInAnyOrderElementsOf(needed);
    }

    @Test
    void theApiMayPublishReplayRewindAndLook() {
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
    void workersAreScaledByTheLagOfEachConsumer() {
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

    private static List<String> ladders() {
        return topics.all(consumers).stream().filter(Topics::isLadder).toList();
    }
}
