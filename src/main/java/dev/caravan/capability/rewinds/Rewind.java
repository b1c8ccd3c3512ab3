package dev.caravan.capability.rewinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.operations.audit.OperatorAction;
import dev.caravan.operations.audit.OperatorAudit;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemException.Violation;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.TopicCreation;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Lets consumers read the last minutes of their topics and retry topics again, after a failover to a database that has
 * lost its last transactions. Lost effects happen again; the others are skipped by their MessageID.
 *
 * <p>The minutes count back from the last committed record of each partition, so neither lag nor a retry tier's delay
 * shortens them. The consumers of all instances join their groups again, and so does the dead-letter index, whose offsets
 * are in the database.
 *
 * <p>Limit: a record is not read again if its MessageID may have been deleted.
 */
public final class Rewind extends ContextBean implements Processor {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int RETRY_AFTER_SECONDS = 5;
    /** MessageIDs must not expire while the records are read again. */
    private static final Duration MARGIN = Duration.ofMinutes(10);

    private static final String INDEX = "dead-letters";
    private static final String RETRY = "retry-";

    private Duration retained;
    private String groups;
    private boolean durable;

    /** How long MessageIDs are kept. */
    public void setRetained(String duration) {
        retained = Duration.ofMillis(Durations.millis(duration));
    }

    /** The prefix of the consumers' groups. */
    public void setGroups(String prefix) {
        groups = prefix + "-";
    }

    /** The store of the MessageIDs, which must survive a restart. */
    public void setStore(String store) {
        durable = store.equals("sql");
    }

    /** The rewind of one partition. */
    private record Step(String group, String consumer, TopicPartition partition, long from, long to) {}

    /** @throws ProblemException 400 for an impossible request, 409 without a durable store, 503 if Kafka does not answer */
    @Override
    public void process(Exchange exchange) throws InterruptedException {
        JsonNode body = Json.ofBody(exchange.getMessage());
        JsonNode request = body.isMissingNode() ? Json.MAPPER.createObjectNode() : body;
        bean(Schemas.class).check("rewind", request, 400);
        Duration back = Duration.ofMinutes(request.path("minutes").asInt());
        List<TopicConsumer> consumers = consumers(request.path("consumer").asText(""));
        requireMessageIds(back);
        boolean dryRun = request.path("dryRun").asBoolean();
        Properties kafka = TopicCreation.adminProperties(
                getCamelContext().getComponent("kafka", KafkaComponent.class).getConfiguration(), TIMEOUT_MILLIS);
        Set<String> topics = new HashSet<>();
        consumers.forEach(each -> topics.addAll(groupsByTopic(each).keySet()));
        try (GroupOffsets offsets = new GroupOffsets(kafka, topics)) {
            List<Step> steps = steps(offsets, consumers, back);
            if (!dryRun) {
                String who = exchange.getProperty(Authenticator.CALLER_NAME, "anonymous", String.class);
                perform(offsets, steps, who, back.toMinutes() + " minutes of " + names(consumers));
            }
            RowsResponse.answer(exchange.getMessage(), answer(steps, dryRun));
        } catch (ExecutionException | KafkaException e) {
            throw ProblemException.unavailable(
                    "Kafka did not accept the offsets: " + ErrorText.line(e), RETRY_AFTER_SECONDS);
        }
    }

    private List<TopicConsumer> consumers(String name) {
        List<TopicConsumer> all = bean(Topics.class).consumers().all();
        List<TopicConsumer> named = name.isEmpty()
                ? all
                : all.stream().filter(each -> each.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw ProblemException.invalid(List.of(new Violation("/consumer", "must be one of " + names(all))));
        }
        return named;
    }

    private static String names(List<TopicConsumer> consumers) {
        Set<String> names = new TreeSet<>();
        consumers.forEach(each -> names.add(each.name()));
        return String.join(", ", names);
    }

    private void requireMessageIds(Duration back) {
        if (!durable) {
            throw ProblemException.of(
                    409, "not-deduplicated", "With DEDUPE_STORE=memory, every record would take effect again.");
        }
        Duration longest = retained.minus(MARGIN);
        if (back.compareTo(longest) > 0) {
            throw ProblemException.invalid(
                    List.of(
                            new Violation(
                                    "/minutes",
                                    "must be at most " + Math.max(0, longest.toMinutes())
                                            + ": older MessageIDs are deleted (RETAIN_MESSAGE_IDS), and their messages would take effect again")));
        }
    }

    private List<Step> steps(GroupOffsets offsets, List<TopicConsumer> consumers, Duration back)
            throws ExecutionException, InterruptedException {
        Instant earliest = Instant.now().minus(retained).plus(MARGIN);
        List<Step> steps = new ArrayList<>();
        for (TopicConsumer consumer : consumers) {
            for (Map.Entry<String, String> read : groupsByTopic(consumer).entrySet()) {
                Map<TopicPartition, Long> committed = offsets.committed(read.getValue(), read.getKey());
                offsets.before(committed, back, earliest)
                        .forEach((partition, to) -> steps.add(
                                new Step(read.getValue(), consumer.name(), partition, committed.get(partition), to)));
            }
        }
        return steps;
    }

    /** The consumer's topic and its retry topics, each with the group that reads it. */
    private Map<String, String> groupsByTopic(TopicConsumer consumer) {
        Map<String, String> groupsByTopic = new TreeMap<>(Map.of(consumer.topic(), groups + consumer.name()));
        for (int level = 1; level <= bean(Topics.class).levels(); level++) {
            groupsByTopic.put(consumer.retry(level), groups + RETRY + level);
        }
        return groupsByTopic;
    }

    private void perform(GroupOffsets offsets, List<Step> steps, String who, String target)
            throws ExecutionException, InterruptedException {
        Map<String, Map<TopicPartition, Long>> targets = new TreeMap<>();
        targets.put(groups + INDEX, Map.of());
        for (Step step : steps) {
            targets.computeIfAbsent(step.group(), any -> new HashMap<>()).put(step.partition(), step.to());
        }
        Instant at = Instant.now();
        Set<String> done = new HashSet<>();
        try {
            for (Map.Entry<String, Map<TopicPartition, Long>> group : targets.entrySet()) {
                offsets.commit(group.getKey(), group.getValue());
                done.add(group.getKey());
            }
            bean(OperatorAudit.class).add(new OperatorAction(at, who, "rest", "rewind", target, null));
        } catch (ExecutionException | RuntimeException e) {
            bean(OperatorAudit.class)
                    .add(new OperatorAction(
                            at, who, "rest", "rewind", target, "done: " + done + "; then " + ErrorText.line(e)));
            throw e;
        }
    }

    private static ObjectNode answer(List<Step> steps, boolean dryRun) {
        ObjectNode answer = Json.MAPPER.createObjectNode();
        answer.put("dryRun", dryRun);
        answer.put(
                "records",
                steps.stream().mapToLong(step -> step.from() - step.to()).sum());
        ArrayNode items = answer.putArray("partitions");
        steps.stream()
                .sorted(Comparator.comparing(Step::consumer)
                        .thenComparing(step -> step.partition().topic())
                        .thenComparing(step -> step.partition().partition()))
                .forEach(step -> items.addObject()
                        .put("consumer", step.consumer())
                        .put("topic", step.partition().topic())
                        .put("partition", step.partition().partition())
                        .put("from", step.from())
                        .put("to", step.to()));
        return answer;
    }
}
