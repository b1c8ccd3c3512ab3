package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Fate;
import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.chaos.Finding.What;
import dev.caravan.chaos.Observed.Effect;
import dev.caravan.chaos.Observed.Processed;
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

/**
 * Compares what was sent with what is found, and says which promises were broken. It knows nothing of how the messages
 * went: what a run is told by its ledger and its findings is all there is.
 */
final class Checker {

    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key");

    /** The header that names a foreign program's record, whether it has a MessageID or not. */
    static final String OWN = "x-own";

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Message> messages = new LinkedHashMap<>();
    private final Observed observed;
    /** Consumer and MessageID → what it did. */
    private final Map<String, List<Effect>> effects;
    /** Topic and MessageID → its records. */
    private final Map<String, List<Written>> records;
    /** Topic and MessageID → the first of these. */
    private final Map<String, Written> firstRecords = new HashMap<>();

    /** Every attempt of one MessageID. */
    private record Message(String id, List<Attempt> attempts) {

        boolean acknowledged() {
            return attempts.stream().anyMatch(attempt -> attempt.outcome() == Outcome.OK);
        }

        boolean refused() {
            return attempts.stream().allMatch(attempt -> attempt.outcome() == Outcome.FAIL);
        }

        /** Contents that one of its attempts may have brought in. */
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

        Fate fate(TopicConsumer consumer) {
            boolean late = !consumer.isOwner()
                    && first().content() != null
                    && first().content().contains(dev.caravan.chaos.Message.LATE);
            return first().fate() == Fate.EFFECT && late ? Fate.EFFECT_AFTER_RETRIES : first().fate();
        }

        int trial() {
            return first().trial();
        }
    }

    private Checker(List<Attempt> ledger, Observed observed) {
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
        records.forEach((name, all) -> firstRecords.put(name, all.get(0)));
    }

    /**
     * @param secret what the callers' credentials hold
     * @param least acknowledged messages, below which the run says nothing
     */
    static List<Finding> check(List<Attempt> ledger, Observed observed, String secret, int least) {
        Checker checker = new Checker(ledger, observed);
        checker.messages.values().forEach(checker::checkFate);
        checker.checkGhosts();
        checker.checkOrder();
        checker.checkStates();
        checker.checkInboxes();
        checker.checkCredentials(secret);
        observed.lag().forEach((topic, lag) -> {
            if (lag != 0) {
                checker.find(What.LAG, null, lag + " records of " + topic + " are not committed");
            }
        });
        long acknowledged =
                checker.messages.values().stream().filter(Message::acknowledged).count();
        if (acknowledged < least) {
            checker.find(What.VOID, null, "only " + acknowledged + " of at least " + least + " were acknowledged");
        }
        return checker.findings;
    }

    private void checkFate(Message message) {
        List<Written> taken = records(message.topic(), message);
        if (taken.isEmpty() && message.acknowledged()) {
            find(What.LOST, message, "acknowledged, and not on the topic " + message.topic());
        }
        if (!taken.isEmpty() && message.refused()) {
            find(What.GHOST, message, "refused, and on the topic " + message.topic());
        }
        Stand.CONSUMERS.stream()
                .filter(consumer -> consumer.topic().equals(message.topic()))
                .forEach(consumer -> {
                    if (message.fate(consumer) == Fate.DEAD_LETTER) {
                        checkDeadLetter(consumer, message, taken);
                    } else {
                        checkEffect(consumer, message, !taken.isEmpty());
                    }
                });
    }

    private void checkEffect(TopicConsumer consumer, Message message, boolean taken) {
        List<Effect> had = effects(consumer, message);
        if (had.size() > 1) {
            find(What.DUPLICATE, message, had.size() + " effects of " + consumer.name());
        }
        if (taken && !message.refused()) {
            boolean processed =
                    observed.processed().contains(new Processed(consumer.name(), message.topic(), message.id()));
            if (had.isEmpty() && !(processed && isSuperseded(consumer, message))) {
                find(What.LOST, message, "no effect of " + consumer.name());
            } else if (!had.isEmpty() && !processed) {
                find(What.LOST, message, "an effect, and no MessageID of " + consumer.name() + " that tells of it");
            }
        }
        for (Effect effect : had) {
            if (effect.content() != null && !message.refused() && !message.mayShow(effect.content())) {
                find(What.GHOST, message, "its effect shows what was not sent: " + effect.content());
            }
        }
        if (!records(consumer.dlq(), message).isEmpty()) {
            find(What.DEAD_LETTER, message, "a dead letter of " + consumer.name() + ", with nothing wrong");
        }
        for (int level = 1; message.fate(consumer) == Fate.EFFECT && level <= 3; level++) {
            if (!records(consumer.retry(level), message).isEmpty()) {
                find(What.BLAMED, message, "on retry topic " + level + " of " + consumer.name());
            }
        }
    }

    /** An order's older state has no effect if a newer one was read before it, from another partition. */
    private boolean isSuperseded(TopicConsumer consumer, Message message) {
        Written own = firstRecords.get(message.topic() + " " + message.id());
        return consumer.name().equals("orders")
                && observed.effects().stream()
                        .filter(effect ->
                                effect.consumer().equals("orders") && own.key().equals(effect.key()))
                        .map(effect -> firstRecords.get(effect.topic() + " " + effect.messageId()))
                        .anyMatch(newer -> newer.partition() != own.partition() && isBefore(own, newer));
    }

    /**
     * Kafka orders the records of one partition. Once partitions were added, the records of one key may be in two; then
     * the time at which the broker appended them decides.
     */
    private static boolean isBefore(Written one, Written other) {
        return one.partition() == other.partition()
                ? one.offset() < other.offset()
                : one.timestamp() < other.timestamp();
    }

    private void checkDeadLetter(TopicConsumer consumer, Message message, List<Written> taken) {
        if (!effects(consumer, message).isEmpty()) {
            find(What.GHOST, message, "poisoned, and with an effect of " + consumer.name());
        }
        List<Written> dead = records(consumer.dlq(), message);
        if (!taken.isEmpty() && dead.isEmpty()) {
            find(What.LOST, message, "poisoned, and not a dead letter of " + consumer.name());
        }
        for (Written each : taken) {
            if (message.first().value() != null
                    && !Arrays.equals(each.value(), message.first().value())) {
                find(What.GHOST, message, "not the bytes that were sent");
            }
        }
        for (Written each : dead) {
            if (taken.stream().noneMatch(record -> sameBytes(record, each))) {
                find(What.DEAD_LETTER, message, "not the bytes of its record");
            }
            if (!consumer.name().equals(each.headers().get("caravan-consumer"))
                    || !each.headers().containsKey("dead-letter-reason")
                    || !message.topic().equals(each.headers().get("dead-letter-topic"))) {
                find(What.DEAD_LETTER, message, "does not say why, from where, or whose it is: " + each.headers());
            }
        }
    }

    private static boolean sameBytes(Written one, Written other) {
        return Arrays.equals(one.value(), other.value()) && Objects.equals(one.key(), other.key());
    }

    /** What nobody sent. */
    private void checkGhosts() {
        for (Effect effect : observed.effects()) {
            Message message = messages.get(effect.messageId());
            if (message == null) {
                findings.add(new Finding(What.GHOST, effect.messageId(), -1, "an effect that nobody asked for"));
            } else if (message.refused()) {
                find(What.GHOST, message, "refused, and with an effect");
            }
        }
        for (Written record : observed.records()) {
            if (!messages.containsKey(messageId(record))
                    && !messages.containsKey(record.headers().get(OWN))) {
                findings.add(new Finding(
                        What.GHOST, messageId(record), -1, "a record of " + record.topic() + " that nobody sent"));
            }
        }
    }

    /**
     * Of one key, messages stand on the topic as one lane sent them, and take effect as they stand there. A message that
     * went by way of retry topics may be late, and is left out.
     */
    private void checkOrder() {
        Function<Message, Written> first = message -> firstRecords.get(message.topic() + " " + message.id());
        messages.values().stream()
                .filter(message -> message.acknowledged() && message.first().key() != null)
                .filter(message -> first.apply(message) != null)
                .collect(Collectors.groupingBy(message -> message.topic() + " "
                        + message.first().key() + " " + message.first().lane()))
                .values()
                .forEach(sent -> {
                    sent.sort(
                            Comparator.comparingLong(message -> message.first().sequence()));
                    ascending(sent, first, "stands on its topic before what was sent earlier");
                });
        observed.effects().stream()
                .filter(effect -> effect.key() != null && messages.containsKey(effect.messageId()))
                .filter(effect -> messages.get(effect.messageId()).fate(consumer(effect)) == Fate.EFFECT)
                .collect(Collectors.groupingBy(effect -> effect.consumer() + " " + effect.topic() + " " + effect.key()))
                .values()
                .forEach(had -> ascending(
                        had.stream()
                                .map(effect -> messages.get(effect.messageId()))
                                .distinct()
                                .filter(message -> first.apply(message) != null)
                                .toList(),
                        first,
                        "took effect after what stands behind it"));
    }

    private void ascending(List<Message> messages, Function<Message, Written> first, String otherwise) {
        for (int i = 1; i < messages.size(); i++) {
            if (isBefore(first.apply(messages.get(i)), first.apply(messages.get(i - 1)))) {
                find(What.DISORDER, messages.get(i), otherwise);
            }
        }
    }

    /** An order shows the last state that was acknowledged, unless a later one may have been taken. */
    private void checkStates() {
        Map<String, List<Message>> byKey = messages.values().stream()
                .filter(message ->
                        message.first().fate() == Fate.EFFECT && message.topic().equals("orders"))
                .filter(message -> !message.refused())
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
                find(What.LOST, states.get(last), "the order shows another state: " + state);
            }
        });
    }

    private void checkInboxes() {
        Map<String, Long> sent = messages.values().stream()
                .filter(message -> message.topic().equals("notifications")
                        && message.first().fate() == Fate.EFFECT)
                .filter(message -> !records(message.topic(), message).isEmpty())
                .collect(Collectors.groupingBy(message -> message.first().key(), Collectors.counting()));
        Map<String, Long> all = new HashMap<>(sent);
        observed.inboxes().keySet().forEach(user -> all.putIfAbsent(user, 0L));
        all.forEach((user, count) -> {
            long held = observed.inboxes().getOrDefault(user, 0L);
            if (held != count) {
                find(What.INBOX, null, "user " + user + " was sent " + count + ", the inbox counts " + held);
            }
        });
    }

    private void checkCredentials(String secret) {
        for (Written record : observed.records()) {
            boolean named = record.headers().keySet().stream()
                    .anyMatch(name -> CREDENTIALS.contains(name.toLowerCase(java.util.Locale.ROOT)));
            boolean held = record.headers().values().stream().anyMatch(value -> value.contains(secret))
                    || record.value() != null && record.text().contains(secret);
            if (named || held) {
                findings.add(new Finding(What.CREDENTIAL, messageId(record), -1, "in a record of " + record.topic()));
            }
        }
    }

    private static TopicConsumer consumer(Effect effect) {
        return Stand.CONSUMERS.stream()
                .filter(each -> each.name().equals(effect.consumer()))
                .findFirst()
                .orElseThrow();
    }

    private List<Effect> effects(TopicConsumer consumer, Message message) {
        return effects.getOrDefault(consumer.name() + " " + message.id(), List.of());
    }

    private List<Written> records(String topic, Message message) {
        return records.getOrDefault(topic + " " + message.id(), List.of());
    }

    /** As the consumer names it: by its header, or by its place. */
    private static String messageId(Written record) {
        String given = record.headers().get("MessageID");
        if (given != null) {
            return given;
        }
        return Topics.isLadder(record.topic())
                ? null
                : record.topic() + "/" + record.partition() + "/" + record.offset() + "/" + record.timestamp();
    }

    private void find(What what, Message message, String text) {
        findings.add(
                new Finding(what, message == null ? null : message.id(), message == null ? -1 : message.trial(), text));
    }
}
