package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.chaos.Attempt.Expectation;
import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.chaos.Finding.Kind;
import dev.caravan.chaos.Observation.Effect;
import dev.caravan.chaos.Observation.Processed;
import dev.caravan.support.Records.Written;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checks a valid run, and runs with one violation each. */
class CheckerTest {

    private static final byte[] POISON = {(byte) 0xff, 0};

    private final List<Attempt> ledger = new ArrayList<>();
    private final List<Written> records = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private final Set<Processed> processed = new HashSet<>();
    private final Map<String, Long> inboxes = new HashMap<>();
    private final Map<String, String> orders = new LinkedHashMap<>();
    private final Map<String, Long> lag = new HashMap<>();
    private int least = 1;

    CheckerTest() {
        sent("n1", "notifications", "7", 1, Expectation.EFFECT, Outcome.OK);
        taken("n1", "notifications", "7", 0);
        effect("n1", "notifications", "7");
        sent("n2", "notifications", "7", 2, Expectation.EFFECT, Outcome.OK);
        taken("n2", "notifications", "7", 1);
        effect("n2", "notifications", "7");
        inboxes.put("7", 2L);

        sent("o1", "orders", "k", 3, Expectation.EFFECT, Outcome.OK);
        taken("o1", "orders", "k", 0);
        effect("o1", "orders", "k");
        effect("billing", "o1", "orders", "k");
        sent("o2", "orders", "k", 4, Expectation.EFFECT, Outcome.OK);
        taken("o2", "orders", "k", 1);
        effect("o2", "orders", "k");
        effect("billing", "o2", "orders", "k");
        orders.put("k", "content of o2");

        sent("t1", "trials", "t", 5, Expectation.EFFECT_AFTER_RETRIES, Outcome.OK);
        taken("t1", "trials", "t", 0);
        taken("t1", "trials-retry-1", "t", 0);
        effect("t1", "trials", null);

        sent("p1", "orders", "p", 6, Expectation.DEAD_LETTER, Outcome.OK);
        records.add(record("p1", "orders", "p", 2, POISON, Map.of()));
        records.add(record("p1", "orders-dlq", "p", 0, POISON, reason("orders")));
        records.add(record("p1", "orders.billing-dlq", "p", 0, POISON, reason("billing", "orders")));
        lag.put("orders", 0L);
    }

    @Test
    void findsNothingInAValidRun() {
        assertThat(findings()).isEmpty();
    }

    @Test
    void acceptsUnknownOutcomes() {
        // Unknown and not in the topic; unknown and in the topic; acknowledged at the second attempt, so in the topic
        // twice;
        // rejected.
        sent("u1", "comments", null, 7, Expectation.EFFECT, Outcome.INFO);
        sent("u2", "comments", null, 8, Expectation.EFFECT, Outcome.INFO);
        taken("u2", "comments", null, 0);
        effect("u2", "comments", null);
        sent("u3", "comments", null, 9, Expectation.EFFECT, Outcome.INFO);
        sent("u3", "comments", null, 9, Expectation.EFFECT, Outcome.OK);
        taken("u3", "comments", null, 1);
        taken("u3", "comments", null, 2);
        effect("u3", "comments", null);
        sent("r1", "comments", null, 10, Expectation.EFFECT, Outcome.FAIL);
        // Without a MessageID, and written although the broker reported a failure.
        sent("own", "orders", "p", 11, Expectation.DEAD_LETTER, Outcome.INFO);
        records.add(new Written("orders", 0, 3, 17, "p", POISON, Map.of(Checker.OWN, "own")));
        records.add(record("orders/0/3/17", "orders-dlq", "p", 1, POISON, Map.of(Checker.OWN, "own")));

        assertThat(findings()).isEmpty();
    }

    @Test
    void findsAnAcknowledgedMessageThatIsNotInItsTopic() {
        sent("lost", "comments", null, 7, Expectation.EFFECT, Outcome.OK);

        assertFinds(Kind.LOST, "lost");
    }

    @Test
    void findsARecordWithoutEffect() {
        effects.removeIf(effect -> effect.messageId().equals("n2"));
        inboxes.put("7", 2L);

        assertFinds(Kind.LOST, "n2");
    }

    @Test
    void findsAnEffectWithoutItsMessageId() {
        processed.remove(new Processed("orders", "orders", "o1"));

        assertFinds(Kind.LOST, "o1");
    }

    @Test
    void findsAnOrderWithAnEarlierState() {
        orders.put("k", "content of o1");

        assertFinds(Kind.LOST, "o2");
    }

    @Test
    void acceptsAnOlderStateReadAfterANewerOneOfAnotherPartition() {
        statesInTwoPartitions();
        effect("o4", "orders", "k");
        effect("billing", "o3", "orders", "k");
        effect("billing", "o4", "orders", "k");
        processed.add(new Processed("orders", "orders", "o3"));

        assertThat(findings()).isEmpty();

        processed.remove(new Processed("orders", "orders", "o3"));

        assertFinds(Kind.LOST, "o3");
    }

    @Test
    void findsEffectsOfTwoPartitionsOutOfTimeOrder() {
        statesInTwoPartitions();
        effect("o3", "orders", "k");
        effect("o4", "orders", "k");
        effect("billing", "o4", "orders", "k");
        effect("billing", "o3", "orders", "k");

        assertFinds(Kind.OUT_OF_ORDER, "o3");
    }

    @Test
    void findsPoisonThatIsNotADeadLetter() {
        records.removeIf(record -> record.topic().equals("orders-dlq"));

        assertFinds(Kind.LOST, "p1");
    }

    @Test
    void findsASecondEffect() {
        effect("t1", "trials", null);

        assertFinds(Kind.DUPLICATE, "t1");
    }

    @Test
    void findsAnEffectOfAnUnknownMessage() {
        effects.add(new Effect("comments", "comments", "who", null, "what"));

        assertFinds(Kind.UNEXPECTED, "who");
    }

    @Test
    void findsAnUnknownRecord() {
        taken("who", "comments", null, 0);

        assertFinds(Kind.UNEXPECTED, "who");
    }

    @Test
    void findsARejectedMessageInItsTopic() {
        sent("r1", "comments", null, 7, Expectation.EFFECT, Outcome.FAIL);
        taken("r1", "comments", null, 0);

        assertFinds(Kind.UNEXPECTED, "r1");
    }

    @Test
    void findsAnEffectOfARejectedMessage() {
        sent("r1", "comments", null, 7, Expectation.EFFECT, Outcome.FAIL);
        effect("r1", "comments", null);

        assertFinds(Kind.UNEXPECTED, "r1");
    }

    @Test
    void findsAnEffectWithOtherContent() {
        effects.replaceAll(effect -> effect.messageId().equals("n1")
                ? new Effect("notifications", "notifications", "n1", "7", "of somebody else")
                : effect);

        assertFinds(Kind.UNEXPECTED, "n1");
    }

    @Test
    void findsAnEffectOfPoison() {
        effect("p1", "orders", null);

        assertFinds(Kind.UNEXPECTED, "p1");
    }

    @Test
    void findsADeadLetterWithOtherBytes() {
        records.removeIf(record -> record.topic().equals("orders-dlq"));
        records.add(record("p1", "orders-dlq", "p", 0, new byte[] {1}, reason("orders")));

        assertFinds(Kind.DEAD_LETTER, "p1");
    }

    @Test
    void findsADeadLetterWithoutAReason() {
        records.removeIf(record -> record.topic().equals("orders-dlq"));
        records.add(record("p1", "orders-dlq", "p", 0, POISON, Map.of()));

        assertFinds(Kind.DEAD_LETTER, "p1");
    }

    @Test
    void findsADeadLetterOfAValidMessage() {
        records.add(record("n1", "notifications-dlq", "7", 0, bytes("n1"), reason("notifications")));

        assertFinds(Kind.DEAD_LETTER, "n1");
    }

    @Test
    void findsARetryOfAValidMessage() {
        taken("o1", "orders-retry-1", "k", 0);

        assertFinds(Kind.NEEDLESS_RETRY, "o1");
    }

    @Test
    void findsRecordsOutOfOrder() {
        records.removeIf(record -> record.topic().equals("orders"));
        taken("o2", "orders", "k", 0);
        taken("o1", "orders", "k", 1);
        effects.removeIf(effect -> effect.topic().equals("orders"));
        for (String id : List.of("o2", "o1")) {
            effect(id, "orders", "k");
            effect("billing", id, "orders", "k");
        }
        records.add(record("p1", "orders", "p", 2, POISON, Map.of()));

        assertFinds(Kind.OUT_OF_ORDER, "o2");
    }

    @Test
    void findsEffectsOutOfOrder() {
        effects.removeIf(effect -> effect.messageId().equals("n1"));
        effect("n1", "notifications", "7");

        assertFinds(Kind.OUT_OF_ORDER, "n1");
    }

    @Test
    void findsAnInboxWithAWrongTotal() {
        inboxes.put("7", 3L);

        assertThat(findings()).extracting(Finding::what).containsExactly(Kind.INBOX);
    }

    @Test
    void findsAnInboxWithoutNotifications() {
        inboxes.put("8", 1L);

        assertThat(findings()).extracting(Finding::what).containsExactly(Kind.INBOX);
    }

    @Test
    void findsUnprocessedRecords() {
        lag.put("orders", 1L);

        assertThat(findings()).extracting(Finding::what).containsExactly(Kind.LAG);
    }

    @Test
    void findsCredentialsByHeaderNameAndText() {
        sent("c1", "comments", null, 7, Expectation.EFFECT, Outcome.OK);
        records.add(record("c1", "comments", null, 0, bytes("x"), Map.of("COOKIE", "x")));
        effect("c1", "comments", null);
        sent("c2", "comments", null, 8, Expectation.EFFECT, Outcome.OK);
        records.add(record("c2", "comments", null, 1, bytes("x"), Map.of("x-own", "Bearer secret")));
        effect("c2", "comments", null);

        assertThat(findings()).extracting(Finding::what).containsExactly(Kind.CREDENTIAL, Kind.CREDENTIAL);
    }

    @Test
    void reportsTooFewMessages() {
        least = 7;

        assertThat(findings()).extracting(Finding::what).containsExactly(Kind.TOO_FEW_MESSAGES);
    }

    @Test
    void findsALostEffectOfTheSecondConsumer() {
        effects.removeIf(effect ->
                effect.consumer().equals("billing") && effect.messageId().equals("o1"));

        assertFinds(Kind.LOST, "o1");
    }

    @Test
    void findsAnEffectOfTheSecondConsumerWithoutItsMessageId() {
        processed.remove(new Processed("billing", "orders", "o1"));

        assertFinds(Kind.LOST, "o1");
    }

    @Test
    void findsASecondEffectOfTheSecondConsumer() {
        effect("billing", "o2", "orders", "k");

        assertFinds(Kind.DUPLICATE, "o2");
    }

    @Test
    void findsEffectsOfTheSecondConsumerOutOfOrder() {
        effects.removeIf(effect ->
                effect.consumer().equals("billing") && effect.messageId().equals("o1"));
        effect("billing", "o1", "orders", "k");

        assertFinds(Kind.OUT_OF_ORDER, "o1");
    }

    @Test
    void findsPoisonThatIsNotADeadLetterOfTheSecondConsumer() {
        records.removeIf(record -> record.topic().equals("orders.billing-dlq"));

        assertFinds(Kind.LOST, "p1");
    }

    @Test
    void findsADeadLetterThatNamesTheOtherConsumer() {
        records.removeIf(record -> record.topic().equals("orders.billing-dlq"));
        records.add(record("p1", "orders.billing-dlq", "p", 0, POISON, reason("orders")));

        assertFinds(Kind.DEAD_LETTER, "p1");
    }

    @Test
    void findsARetryOfAValidMessageByTheSecondConsumer() {
        taken("o1", "orders.billing-retry-1", "k", 0);

        assertFinds(Kind.NEEDLESS_RETRY, "o1");
    }

    @Test
    void acceptsAnExpectedRetryOfTheSecondConsumer() {
        sent("late", "orders", "l", 20, Expectation.EFFECT, Outcome.OK);
        ledger.replaceAll(attempt -> attempt.messageId().equals("late")
                ? new Attempt(
                        "late", "orders", "l", Message.LATE, null, Expectation.EFFECT, Outcome.OK, 0, 0, 0, 20, 20, 20)
                : attempt);
        taken("late", "orders", "l", 4);
        taken("late", "orders.billing-retry-1", "l", 0);
        for (String consumer : List.of("orders", "billing")) {
            effects.add(new Effect(consumer, "orders", "late", "l", Message.LATE));
            processed.add(new Processed(consumer, "orders", "late"));
        }
        orders.put("l", Message.LATE);

        assertThat(findings()).isEmpty();
    }

    private void statesInTwoPartitions() {
        sent("o3", "orders", "k", 7, Expectation.EFFECT, Outcome.OK);
        records.add(new Written("orders", 9, 0, 30, "k", bytes("o3"), Map.of("MessageID", "o3")));
        sent("o4", "orders", "k", 8, Expectation.EFFECT, Outcome.OK);
        records.add(new Written("orders", 0, 4, 40, "k", bytes("o4"), Map.of("MessageID", "o4")));
        orders.put("k", "content of o4");
    }

    private void assertFinds(Kind what, String messageId) {
        assertThat(findings())
                .extracting(Finding::what, Finding::messageId)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(what, messageId));
    }

    private List<Finding> findings() {
        return Checker.check(
                ledger, new Observation(records, effects, processed, inboxes, orders, lag), "secret", least);
    }

    private void sent(String id, String topic, String key, long sequence, Expectation expectation, Outcome outcome) {
        byte[] value = expectation == Expectation.DEAD_LETTER ? POISON : null;
        ledger.add(new Attempt(
                id,
                topic,
                key,
                "content of " + id,
                value,
                expectation,
                outcome,
                0,
                0,
                0,
                sequence,
                sequence,
                sequence));
    }

    private void taken(String id, String topic, String key, long offset) {
        records.add(record(id, topic, key, offset, bytes(id), Map.of()));
    }

    private void effect(String id, String topic, String key) {
        effect(topic, id, topic, key);
    }

    private void effect(String consumer, String id, String topic, String key) {
        effects.add(new Effect(consumer, topic, id, key, "content of " + id));
        processed.add(new Processed(consumer, topic, id));
    }

    private static Written record(
            String id, String topic, String key, long offset, byte[] value, Map<String, String> more) {
        Map<String, String> headers = new HashMap<>(more);
        headers.put("MessageID", id);
        return new Written(topic, 0, offset, 0, key, value, headers);
    }

    private static Map<String, String> reason(String topic) {
        return reason(topic, topic);
    }

    private static Map<String, String> reason(String consumer, String topic) {
        return Map.of("dead-letter-reason", "it is poison", "dead-letter-topic", topic, "caravan-consumer", consumer);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
