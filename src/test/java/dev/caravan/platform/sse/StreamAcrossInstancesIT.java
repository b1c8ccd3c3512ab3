package dev.caravan.platform.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.EventStream.Event;
import dev.caravan.support.Postgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Instances that share PostgreSQL and a broker. One processes the notifications. The streams of another one depend on the wake-up
 * topic, because it never compares positions; those of the third depend on comparing positions, because it has no such topic.
 */
class StreamAcrossInstancesIT {

    private static final String TOPIC = "inbox-changes";
    private static final String NEVER = "1h";

    @TempDir
    static Path folder;

    private static EmbeddedBroker broker;
    private static Postgres postgres;
    private static Program worker;
    private static Program woken;
    private static Program polling;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        postgres = Postgres.start(folder.resolve("postgres"));
        worker = program("all", Map.of("camel.beans.streams.poll", NEVER));
        woken = program("api", Map.of("camel.beans.streams.poll", NEVER));
        polling = program("api", Map.of("sse.wakeups", ""));
        // A program reads wake-ups from the end of the topic, so it misses earlier ones.
        try (EventStream there = stream(woken, 2)) {
            await().pollInterval(Duration.ofSeconds(1)).until(() -> {
                send(worker, 2, "before");
                return !there.events("notification").isEmpty();
            });
        }
    }

    private static Program program(String role, Map<String, String> more) throws Exception {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("role", role);
        settings.put("database.url", postgres.url());
        settings.put("database.user", postgres.user());
        settings.put("database.password", "");
        return Program.on(broker.bootstrapServers(), settings);
    }

    @AfterAll
    static void stop() throws Exception {
        polling.close();
        woken.close();
        worker.close();
        postgres.close();
        broker.close();
    }

    private static EventStream stream(Program program, int user, Map<String, String> headers) {
        return EventStream.open(program.http().port(), "/notifications/" + user + "/stream", headers);
    }

    /** A stream that has begun. */
    private static EventStream stream(Program program, int user) {
        EventStream stream = stream(program, user, Map.of());
        stream.await("count", 1);
        return stream;
    }

    private static void send(Program program, int user, String message) {
        assertThat(program.http()
                        .postForm("/send", "fromID=1&toID=" + user + "&message=" + message)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void notificationsWakeStreamsOfOtherInstances() {
        try (EventStream there = stream(woken, 2)) {
            for (int i = 1; i <= 9; i++) {
                send(worker, 2, "n" + i);
                there.await("notification", i);
            }
        }
    }

    @Test
    void readMarksWakeStreamsOfOtherInstances() {
        try (EventStream here = stream(worker, 3);
                EventStream there = stream(woken, 3)) {
            send(worker, 3, "to be read");
            String id = there.await("notification", 1).id();

            worker.http().send("POST", "/notifications/3/" + id + "/read", null, Map.of());
            assertThat(there.await("read", 1).data().path("id").asText()).isEqualTo(id);
            send(worker, 3, "more");
            there.await("notification", 2);
            woken.http().send("POST", "/notifications/3/read", null, Map.of());
            assertThat(here.await("read", 2).data().path("all").asBoolean()).isTrue();
            assertThat(here.await("read", 2).data().path("unread").asLong()).isZero();
        }
    }

    @Test
    void streamsWithoutWakeUpsComparePositions() {
        try (EventStream stream = stream(polling, 2)) {
            send(worker, 2, "unheard of");
            stream.await("notification", 1);
            long read = stream.await("notification", 1).data().path("id").asLong();
            worker.http().send("POST", "/notifications/2/" + read + "/read", null, Map.of());
            stream.await("read", 1);
        }
    }

    @Test
    void wakeUpsResumeWhenTheTopicReturns() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                EventStream there = stream(woken, 3)) {
            admin.deleteTopics(List.of(TOPIC)).all().get();
            send(worker, 3, "lost");
            await().ignoreExceptions().until(() -> {
                admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(1), Optional.empty())))
                        .all()
                        .get();
                return true;
            });

            await().pollInterval(Duration.ofSeconds(1)).until(() -> {
                send(worker, 3, "not lost");
                return there.events("notification").size() > 1;
            });
            assertThat(there.await("notification", 1).data().path("message").asText())
                    .isEqualTo("lost");
        }
    }

    @Test
    void clientsResumeOnAnotherInstanceWithoutGapOrRepeat() {
        List<Program> instances = List.of(worker, woken, polling);
        Random random = new Random(1);
        int sent = 150;
        long from;
        try (EventStream stream = stream(worker, 4)) {
            from = stream.await("count", 1).data().path("seq").asLong();
        }
        List<Long> ids = new ArrayList<>();
        long last = from;
        EventStream stream = stream(worker, 4, Map.of("Last-Event-ID", Long.toString(last)));
        for (int i = 1; i <= sent; i++) {
            send(instances.get(random.nextInt(3)), 4, "n" + i);
            if (random.nextInt(5) == 0) {
                stream.close();
                ids.addAll(ids(stream));
                last = ids.isEmpty() ? from : ids.get(ids.size() - 1);
                stream = stream(instances.get(random.nextInt(3)), 4, Map.of("Last-Event-ID", Long.toString(last)));
            }
        }
        long end = from + sent;
        EventStream rest = stream;
        await().until(() -> ids(rest).contains(end));
        rest.close();
        ids.addAll(ids(rest));
        assertThat(ids)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(from + 1, end).boxed().toList());
    }

    private static List<Long> ids(EventStream stream) {
        return stream.events("notification").stream()
                .map(Event::id)
                .map(Long::parseLong)
                .toList();
    }
}
