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
import dev.caravan.support.CaravanProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
 * Kills the program at each point of a message's processing. Each program continues the work of the previous one and dies at the next
 * point.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrashPointsIT {

    /** The points of a message that is accepted over HTTP and has an effect. */
    private static final List<CrashPoint> ALL =
            List.of(KEY_TAKEN, ACKNOWLEDGED, ANSWER_KEPT, RECEIVED, EFFECTED, COMMITTED, SKIPPED, DONE);

    /** Whether all kinds of messages meet all points, or only the points at which they differ. */
    private static final boolean EVERY = Boolean.getBoolean("chaos.all");

    @TempDir
    static Path folder;

    /** Messages whose outcome is unknown. */
    private static final List<Message> unknown = new ArrayList<>();

    private static Testbed testbed;
    private static Ledger ledger;
    private static Caller caller;

    /** Each message has its own lane, because repeated messages are out of order. */
    private static int lane;

    @BeforeAll
    static void start() throws Exception {
        testbed = Testbed.separate(folder.resolve("testbed"));
        ledger = new Ledger(folder.resolve("ledger.jsonl"));
        caller = new Caller(testbed, ledger);
        // After a kill, the group waits for one second instead of ten.
        testbed.withProperty("camel.component.kafka.session-timeout-ms", "1000")
                .withProperty("camel.component.kafka.heartbeat-interval-ms", "300")
                .program()
                .kill();
    }

    @AfterAll
    static void stop() throws Exception {
        caller.close();
        ledger.close();
        testbed.close();
    }

    @Test
    void orderIsStoredOnce() throws Exception {
        dieAtEach(
                some(ALL, KEY_TAKEN, ACKNOWLEDGED, EFFECTED, COMMITTED, DONE),
                () -> Message.order(++lane, 0, "order-" + lane));
    }

    @Test
    void notificationIsAddedOnce() throws Exception {
        dieAtEach(some(ALL, COMMITTED), () -> Message.notification(++lane, 0, "2", false));
    }

    @Test
    void commentIsStoredOnce() throws Exception {
        dieAtEach(some(ALL, COMMITTED), () -> Message.comment(++lane, 0));
    }

    @Test
    void eventIsProcessedOnce() throws Exception {
        dieAtEach(some(ALL, COMMITTED), () -> Message.event(++lane, 0));
    }

    @Test
    void retriedMessageIsProcessedOnce() throws Exception {
        dieAtEach(
                some(List.of(RECEIVED, HANDED, EFFECTED, COMMITTED, SKIPPED, DONE), HANDED, COMMITTED),
                () -> Message.trial(++lane, 0, 1));
    }

    @Test
    void messageThatAlwaysFailsBecomesADeadLetter() throws Exception {
        dieAtEach(some(List.of(RECEIVED, HANDED, DONE), HANDED), () -> Message.trial(++lane, 0, 4));
    }

    @Test
    void poisonedRecordBecomesADeadLetter() throws Exception {
        for (CrashPoint point : some(List.of(RECEIVED, HANDED, DONE), HANDED)) {
            String id = "poison-" + point;
            try (CaravanProcess program = armed(point, id)) {
                caller.poison(id, "orders", "k", "not JSON".getBytes(StandardCharsets.UTF_8), ++lane, 0);
                diesAt(point, program);
            }
        }
    }

    /** Another program completes the remaining work. */
    @Test
    @Order(Integer.MAX_VALUE)
    void everyMessageHasExactlyOneEffect() throws Exception {
        completeAndCheck(unknown);
    }

    private static List<CrashPoint> some(List<CrashPoint> every, CrashPoint... some) {
        return EVERY ? every : List.of(some);
    }

    private interface Sent {
        Message next();
    }

    private void dieAtEach(List<CrashPoint> points, Sent sent) throws Exception {
        for (CrashPoint point : points) {
            Message plain = sent.next();
            Message message = point == KEY_TAKEN || point == ANSWER_KEPT ? plain.withIdempotencyKey() : plain;
            try (CaravanProcess program = armed(point, message.messageId())) {
                Outcome outcome;
                do {
                    outcome = caller.attempt(message);
                    // Kafka may be late; only a program that died leaves the outcome open.
                } while (outcome == Outcome.INFO && program.isRunning());
                if (outcome == Outcome.INFO) {
                    unknown.add(message);
                }
                if (point == SKIPPED) {
                    caller.attempt(message);
                }
                diesAt(point, program);
            }
        }
    }

    private static CaravanProcess armed(CrashPoint point, String messageId) throws Exception {
        return testbed.launch(
                        Map.of("JAVA_OPTS", testbed.javaOptions() + " -Dcaravan.crash=" + point + ":" + messageId))
                .untilReady();
    }

    private static void diesAt(CrashPoint point, CaravanProcess program) throws InterruptedException {
        assertThat(program.exitCode(Duration.ofMinutes(2)))
                .as("died at " + point)
                .isEqualTo(CrashPoint.EXIT_CODE);
    }

    private static void completeAndCheck(List<Message> unknown) throws Exception {
        testbed.startProgram();
        try (CaravanProcess program = testbed.program().untilReady()) {
            for (Message message : unknown) {
                // The idempotency key of a killed process is free again after 30 s.
                await().until(() -> caller.attempt(message) == Outcome.OK);
            }
            await().atMost(Duration.ofMinutes(5)).until(testbed::isDrained);
            assertThat(Checker.check(ledger.attempts(), testbed.observe(), Caller.SECRET, 1))
                    .isEmpty();
        }
    }
}
