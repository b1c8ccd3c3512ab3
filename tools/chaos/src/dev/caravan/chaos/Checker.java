package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Expectation;
import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.chaos.Finding.Kind;
import dev.caravan.chaos.Observation.Effect;
import dev.caravan.chaos.Observation.Processed;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import dev.caravan.support.Records.Written;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares the ledger with the observed topics and tables, and reports broken guarantees. */
final class Checker {

    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key");

    /** The header that identifies a record written directly to Kafka, also without a MessageID. */
    static final String OWN = "x-own";

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Message> messages = new LinkedHashMap<>();
    private final Observation observed;
    /** Consumer and MessageID → effects. */
    private final Map<String, List<Effect>> effects;
    /** Topic and MessageID → its records. */
    private final Map<String, List<Written>> records;

    /** All attempts of one MessageID. */
    private record Message(String id, List<Attempt> attempts) {

        boolean acknowledged() {
            return attempts.stream().anyMatch(attempt -> attempt.outcome() == Outcome.OK);
        }

        boolean rejected() {
            return attempts.stream().allMatch(attempt -> attempt.outcome() == Outcome.FAIL);
        }

        /** Whether one of the attempts may have had this content. */
        boolean mayShow(String content) {
            return attempts.stream()
                    .filter(attempt -> attempt.outcome() != Outcome.FAIL)
                    .anyMatch(attempt -> Objects.equals(attempt.content(), content));
        }

        Attempt first() {
            return attempts.get(0);
        }

        String topic() {
            return first().topic();
        }

        Expectation expectation(TopicConsumer consumer) {
            boolean late = !consumer.isOwner()
                    && first().content() != null
                    && first().content().contains(dev.caravan.chaos.Message.LATE);
            return first().expectation() == Expectation.EFFECT && late
                    ? Expectation.EFFECT_AFTER_RETRIES
                    : first().expectation();
        }

        int trial() {
            return first().trial();
        }
    }

    private Checker(List<Attempt> ledger, Observation observed) {
        this.observed = observed;
        ledger.stream()
                .sorted(Comparator.comparingLong(Attempt::startedAt))
                .forEach(attempt -> messages.computeIfAbsent(
                                attempt.messageId(), id -> new Message(id, new ArrayList<>()))
                        .attempts()
                        .add(attempt));
        effects = observed.effects().stream()
                .collect(Collectors.groupingBy(effect -> effect.consumer() + " " + effect.messageId()));
        records = observed.records().stream()
                .collect(Collectors.groupingBy(record -> record.topic() + " " + messageId(record)));
    }

    /**
     * @param secret part of the callers' credentials
     * @param minimum acknowledged messages, below which the run proves nothing
     */
    static List<Finding> check(List<Attempt> ledger, Observation observed, String secret, int minimum) {
        Checker checker = new Checker(ledger, observed);
        checker.messages.values().forEach(checker::checkExpectation);
        checker.checkUnexpected();
        checker.checkOrder();
        checker.checkStates();
        checker.checkInboxes();
        checker.checkCredentials(secret);
        observed.lag().forEach((topic, lag) -> {
            if (lag != 0) {
                checker.find(Kind.LAG, null, lag + " records of " + topic + " are not committed");
            }
        });
        long acknowledged =
                checker.messages.values().stream().filter(Message::acknowledged).count();
        if (acknowledged < minimum) {
            checker.find(
                    Kind.TOO_FEW_MESSAGES,
                    null,
                    "only " + acknowledged + " of at least " + minimum + " were acknowledged");
        }
        return checker.findings;
    }

    private void checkExpectation(Message message) {
        List<Written> taken = records(message.topic(), message);
        if (taken.isEmpty() && message.acknowledged()) {
            find(Kind.LOST, message, "acknowledged, but not in the topic " + message.topic());
        }
        if (!taken.isEmpty() && message.rejected()) {
            find(Kind.UNEXPECTED, message, "rejected, but in the topic " + message.topic());
        }
        Testbed.CONSUMERS.stream()
                .filter(consumer -> consumer.topic().equals(message.topic()))
                .forEach(consumer -> {
                    if (message.expectation(consumer) == Expectation.DEAD_LETTER) {
                        checkDeadLetter(consumer, message, taken);
                    } else {
                        checkEffect(consumer, message, !taken.isEmpty());
                    }
                });
    }

    private void checkEffect(TopicConsumer consumer, Message message, boolean taken) {
        List<Effect> found = effects(consumer, message);
        if (found.size() > 1) {
            find(Kind.DUPLICATE, message, found.size() + " effects of " + consumer.name());
        }
        if (taken && !message.rejected()) {
            boolean processed =
                    observed.processed().contains(new Processed(consumer.name(), message.topic(), message.id()));
            if (found.isEmpty() && !(processed && isSuperseded(consumer, message))) {
                find(Kind.LOST, message, "no effect of " + consumer.name());
            } else if (!found.isEmpty() && !processed) {
                find(Kind.LOST, message, "an effect without the MessageID of " + consumer.name());
            }
        }
        for (Effect effect : found) {
            if (effect.content() != null && !message.rejected() && !message.mayShow(effect.content())) {
                find(Kind.UNEXPECTED, message, "the effect has content that was not sent: " + effect.content());
            }
        }
        if (!records(consumer.dlq(), message).isEmpty()) {
            find(Kind.DEAD_LETTER, message, "a valid message is a dead letter of " + consumer.name());
        }
        for (int level = 1; message.expectation(consumer) == Expectation.EFFECT && level <= 3; level++) {
            if (!records(consumer.retry(level), message).isEmpty()) {
                find(Kind.NEEDLESS_RETRY, message, "in retry topic " + level + " of " + consumer.name());
            }
        }
    }

    /** An older state has no effect if a newer one was read first, from another partition. */
    private boolean isSuperseded(TopicConsumer consumer, Message message) {
        Written own = firstRecord(message.topic(), message.id());
        return consumer.name().equals("orders")
                && observed.effects().stream()
                        .filter(effect ->
                                effect.consumer().equals("orders") && own.key().equals(effect.key()))
                        .map(effect -> firstRecord(effect.topic(), effect.messageId()))
                        .filter(Objects::nonNull)
                        .anyMatch(newer -> newer.partition() != own.partition() && isBefore(own, newer));
    }

    /**
     * Kafka orders the records of a partition. After partitions were added, a key may have records in two of them, which are ordered by
     * LogAppendTime.
     */
    private static boolean isBefore(Written one, Written other) {
        return one.partition() == other.partition()
                ? one.offset() < other.offset()
                : one.timestamp() < other.timestamp();
    }

    private void checkDeadLetter(TopicConsumer consumer, Message message, List<Written> taken) {
        if (!effects(consumer, message).isEmpty()) {
            find(Kind.UNEXPECTED, message, "poisoned, but with an effect of " + consumer.name());
        }
        List<Written> dead = records(consumer.dlq(), message);
        if (!taken.isEmpty() && dead.isEmpty()) {
            find(Kind.LOST, message, "poisoned, but not a dead letter of " + consumer.name());
        }
        for (Written each : taken) {
            if (message.first().value() != null
                    && !Arrays.equals(each.value(), message.first().value())) {
                find(Kind.UNEXPECTED, message, "not the bytes that were sent");
            }
        }
        for (Written each : dead) {
            if (taken.stream().noneMatch(record -> sameBytes(record, each))) {
                find(Kind.DEAD_LETTER, message, "not the bytes of its record");
            }
            if (!consumer.name().equals(each.headers().get("caravan-consumer"))
                    || !each.headers().containsKey("dead-letter-reason")
                    || !message.topic().equals(each.headers().get("dead-letter-topic"))) {
                find(Kind.DEAD_LETTER, message, "reason, topic or consumer is missing: " + each.headers());
            }
        }
    }

    private static boolean sameBytes(Written one, Written other) {
        return Arrays.equals(one.value(), other.value()) && Objects.equals(one.key(), other.key());
    }

    /** Reports effects and records of messages that were not sent or were rejected. */
    private void checkUnexpected() {
        for (Effect effect : observed.effects()) {
            Message message = messages.get(effect.messageId());
            if (message == null) {
                findings.add(new Finding(Kind.UNEXPECTED, effect.messageId(), -1, "an effect of an unknown message"));
            } else if (message.rejected()) {
                find(Kind.UNEXPECTED, message, "rejected, but with an effect");
            }
        }
        for (Written record : observed.records()) {
            if (!messages.containsKey(messageId(record))
                    && !messages.containsKey(record.headers().get(OWN))) {
                findings.add(
                        new Finding(Kind.UNEXPECTED, messageId(record), -1, "an unknown record of " + record.topic()));
            }
        }
    }

    /**
     * Messages of one key are in the topic in the order in which a lane sent them, and take effect in the order of the topic. Messages that
     * went through retry topics are not checked.
     */
    private void checkOrder() {
        Function<Message, Written> first = message -> firstRecord(message.topic(), message.id());
        messages.values().stream()
                .filter(message -> message.acknowledged() && message.first().key() != null)
                .filter(message -> first.apply(message) != null)
                .collect(Collectors.groupingBy(message -> message.topic() + " "
                        + message.first().key() + " " + message.first().lane()))
                .values()
                .forEach(sent -> {
                    sent.sort(
                            Comparator.comparingLong(message -> message.first().sequence()));
                    ascending(sent, first, "in its topic before a message that was sent earlier");
                });
        observed.effects().stream()
                .filter(effect -> effect.key() != null && messages.containsKey(effect.messageId()))
                .filter(effect -> messages.get(effect.messageId()).expectation(consumer(effect)) == Expectation.EFFECT)
                .collect(Collectors.groupingBy(effect -> effect.consumer() + " " + effect.topic() + " " + effect.key()))
                .values()
                .forEach(found -> ascending(
                        found.stream()
                                .map(effect -> messages.get(effect.messageId()))
                                .distinct()
                                .filter(message -> first.apply(message) != null)
                                .toList(),
                        first,
                        "took effect in the consumer " + found.get(0).consumer() + " after a later record"));
    }

    private void ascending(List<Message> messages, Function<Message, Written> first, String problem) {
        for (int i = 1; i < messages.size(); i++) {
            if (isBefore(first.apply(messages.get(i)), first.apply(messages.get(i - 1)))) {
                find(Kind.OUT_OF_ORDER, messages.get(i), problem);
            }
        }
    }

    /** An order has the last acknowledged state, or a later one with an unknown outcome. */
    private void checkStates() {
        Map<String, List<Message>> byKey = messages.values().stream()
                .filter(message -> message.first().expectation() == Expectation.EFFECT
                        && message.topic().equals("orders"))
                .filter(message -> !message.rejected())
                .collect(Collectors.groupingBy(message -> message.first().key()));
        byKey.forEach((key, states) -> {
            states.sort(Comparator.comparingLong(message -> message.first().sequence()));
            int last = states.size() - 1;
            while (last > 0 && !states.get(last).acknowledged()) {
                last--;
            }
            String state = observed.orders().get(key);
            if (states.get(last).acknowledged()
                    && states.subList(last, states.size()).stream().noneMatch(message -> message.mayShow(state))) {
                find(Kind.LOST, states.get(last), "the order has another state: " + state);
            }
        });
    }

    private void checkInboxes() {
        Map<String, Long> sent = messages.values().stream()
                .filter(message -> message.topic().equals("notifications")
                        && message.first().expectation() == Expectation.EFFECT)
                .filter(message -> !records(message.topic(), message).isEmpty())
                .collect(Collectors.groupingBy(message -> message.first().key(), Collectors.counting()));
        Map<String, Long> all = new HashMap<>(sent);
        observed.inboxes().keySet().forEach(user -> all.putIfAbsent(user, 0L));
        all.forEach((user, count) -> {
            long total = observed.inboxes().getOrDefault(user, 0L);
            if (total != count) {
                find(Kind.INBOX, null, "the inbox of user " + user + " has a total of " + total + ", not " + count);
            }
        });
    }

    private void checkCredentials(String secret) {
        for (Written record : observed.records()) {
            boolean named = record.headers().keySet().stream()
                    .anyMatch(name -> CREDENTIALS.contains(name.toLowerCase(java.util.Locale.ROOT)));
            boolean contained = record.headers().values().stream().anyMatch(value -> value.contains(secret))
                    || record.value() != null && record.text().contains(secret);
            if (named || contained) {
                findings.add(new Finding(Kind.CREDENTIAL, messageId(record), -1, "in a record of " + record.topic()));
            }
        }
    }

    private static TopicConsumer consumer(Effect effect) {
        return Testbed.CONSUMERS.stream()
                .filter(each -> each.name().equals(effect.consumer()))
                .findFirst()
                .orElseThrow();
    }

    private List<Effect> effects(TopicConsumer consumer, Message message) {
        return effects.getOrDefault(consumer.name() + " " + message.id(), List.of());
    }

    /** Null if the topic has no record of that MessageID. */
    private Written firstRecord(String topic, String messageId) {
        return records.getOrDefault(topic + " " + messageId, List.of()).stream()
                .findFirst()
                .orElse(null);
    }

    private List<Written> records(String topic, Message message) {
        return records.getOrDefault(topic + " " + message.id(), List.of());
    }

    /** Like the consumer: the header, or else the record's position. */
    private static String messageId(Written record) {
        String given = record.headers().get("MessageID");
        if (given != null) {
            return given;
        }
        return Topics.isLadder(record.topic())
                ? null
                : record.topic() + "/" + record.partition() + "/" + record.offset() + "/" + record.timestamp();
    }

    private void find(Kind what, Message message, String text) {
        findings.add(
                new Finding(what, message == null ? null : message.id(), message == null ? -1 : message.trial(), text));
    }
}
