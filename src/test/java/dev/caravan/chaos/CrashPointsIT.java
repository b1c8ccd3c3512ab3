package dev.caravan.chaos;

import static dev.caravan.platform.crash.CrashPoint.ACKNOWLEDGED;
import static dev.caravan.platform.crash.CrashPoint.ANSWER_KEPT;
import static dev.caravan.platform.crash.CrashPoint.COMMITTED;
import static dev.caravan.platform.crash.CrashPoint.DONE;
import static dev.caravan.platform.crash.CrashPoint.EFFECTED;
import static dev.caravan.platform.crash.CrashPoint.HANDED;
import static dev.caravan.platform.crash.CrashPoint.KEY_TAKEN;
import static dev.caravan.platform.crash.CrashPoint.RECEIVED;
import static dev.caravan.platform.crash.CrashPoint.SKIPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.chaos.Attempt.Outcome;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.support.Launched;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages meet each point of their way at which the process may die. A program dies at one point, and the next
 * one, which will die at the next point, takes up what it left.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashPointsIT {

    /** The points of a message that is taken over HTTP and has an effect. */
    private static final List<CrashPoint> ALL =
            List.of(KEY_TAKEN, ACKNOWLEDGED, ANSWER_KEPT, RECEIVED, EFFECTED, COMMITTED, SKIPPED, DONE);

    /** Whether each kind of message meets each of its points; else those at which the kinds differ. */
    private static final boolean EVERY = Boolean.getBoolean("chaos.all");

    @TempDir
    static Path folder;

    /** Messages of which nobody knows yet whether they were taken. */
    private static final List<Message> unknown = new ArrayList<>();

    private static Stand stand;
    private static Ledger ledger;
    private static Caller caller;

    /** Each message has its own: one that is repeated in the end stands behind those that came after it. */
    private static int lane;

    @BeforeAll
    static void start() throws Exception {
        stand = Stand.separate(folder.resolve("stand"));
        ledger = new Ledger(folder.resolve("ledger.jsonl"));
        caller = new Caller(stand, ledger);
        // The group waits for the dead member's session to end: one second instead of ten.
        stand.withProperty("camel.component.kafka.session-timeout-ms", "1000")
                .withProperty("camel.component.kafka.heartbeat-interval-ms", "300")
                .program()
                .kill();
    }

    @AfterAll
    static void stop() throws Exception {
        caller.close();
        ledger.close();
        stand.close();
    }

    @Test
    void anOrderIsNeitherLostNorStoredTwice() throws Exception {
        losesNothing(
                some(ALL, KEY_TAKEN, ACKNOWLEDGED, EFFECTED, COMMITTED, DONE),
                () -> Message.order(++lane, 0, "order-" + lane));
    }

    @Test
    void aNotificationIsNeitherLostNorAddedTwice() throws Exception {
        losesNothing(some(ALL, COMMITTED), () -> Message.notification(++lane, 0, "2", false));
    }

    @Test
    void aCommentIsNeitherLostNorKeptTwice() throws Exception {
        losesNothing(some(ALL, COMMITTED), () -> Message.comment(++lane, 0));
    }

    @Test
    void anEventIsNeitherLostNorProcessedTwice() throws Exception {
        losesNothing(some(ALL, COMMITTED), () -> Message.event(++lane, 0));
    }

    @Test
    void aMessageThatFailsAtFirstIsNeitherLostNorProcessedTwice() throws Exception {
        losesNothing(
                some(List.of(RECEIVED, HANDED, EFFECTED, COMMITTED, SKIPPED, DONE), HANDED, COMMITTED),
                () -> Message.trial(++lane, 0, 1));
    }

    @Test
    void aMessageThatFailsAtEveryLevelBecomesADeadLetter() throws Exception {
        losesNothing(some(List.of(RECEIVED, HANDED, DONE), HANDED), () -> Message.trial(++lane, 0, 4));
    }

    @Test
    void aPoisonedRecordBecomesADeadLetter() throws Exception {
        for (CrashPoint point : some(List.of(RECEIVED, HANDED, DONE), HANDED)) {
            String id = "poison-" + point;
            try (Launched program = armed(point, id)) {
                caller.poison(id, "orders", "k", "not JSON".getBytes(StandardCharsets.UTF_8), ++lane, 0);
                diesAt(point, program);
            }
        }
    }

    /** One more program ends what the others have left. */
    @Test
    @Order(Integer.MAX_VALUE)
    void inTheEndNothingIsLostAndNothingHasHappenedTwice() throws Exception {
        endsClean(unknown);
    }

    private static List<CrashPoint> some(List<CrashPoint> every, CrashPoint... some) {
        return EVERY ? every : List.of(some);
    }

    private interface Sent {
        Message next();
    }

    private void losesNothing(List<CrashPoint> points, Sent sent) throws Exception {
        for (CrashPoint point : points) {
            Message plain = sent.next();
            Message message = point == KEY_TAKEN || point == ANSWER_KEPT ? plain.keyed() : plain;
            try (Launched program = armed(point, message.messageId())) {
                if (caller.attempt(message) == Outcome.INFO) {
                    unknown.add(message);
                }
                if (point == SKIPPED) {
                    caller.attempt(message);
                }
                diesAt(point, program);
            }
        }
    }

    private static Launched armed(CrashPoint point, String messageId) throws Exception {
        return stand.launch(Map.of("JAVA_OPTS", stand.javaOptions() + " -Dcaravan.crash=" + point + ":" + messageId))
                .untilReady();
    }

    private static void diesAt(CrashPoint point, Launched program) throws InterruptedException {
        assertThat(program.exitCode()).as("died at " + point).isEqualTo(CrashPoint.EXIT_CODE);
    }

    private static void endsClean(List<Message> unknown) throws Exception {
        stand.startProgram();
        try (Launched program = stand.program().untilReady()) {
            for (Message message : unknown) {
                // A key that a dead process had taken is free again after 30 s.
                await().until(() -> caller.attempt(message) == Outcome.OK);
            }
            await().until(stand::isDrained);
            assertThat(Checker.check(ledger.attempts(), stand.observe(), Caller.SECRET, 1))
                    .isEmpty();
        }
    }
}
