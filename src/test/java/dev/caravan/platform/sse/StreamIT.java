package dev.caravan.platform.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.EventStream.Event;
import dev.caravan.support.Http;
import dev.caravan.support.Records;
import dev.caravan.support.Scrape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The live inbox, seen by its clients. */
@ExtendWith(CaravanExtension.class)
class StreamIT {

    private static final int HELD_BYTES = 64 * 1024;

    private Program program;
    private Http http;

    @BeforeEach
    void start(Program running) {
        program = running;
        http = running.http();
    }

    private EventStream stream(int user, String query) {
        return EventStream.open(http.port(), "/notifications/" + user + "/stream" + query, Map.of());
    }

    private void send(int user, String message) {
        assertThat(http.postForm("/send", "fromID=1&toID=" + user + "&message=" + message)
                        .status())
                .isEqualTo(200);
    }

    private long count(int user, String what) {
        return http.get("/notifications/" + user + "/count").json().path(what).asLong();
    }

    private long seq(int user) {
        try (EventStream stream = stream(user, "")) {
            return stream.await("count", 1).data().path("seq").asLong();
        }
    }

    @Test
    void beginsWithRetryAndCount() {
        long before = count(2, "total");
        send(2, "one");
        await().until(() -> count(2, "total") > before);

        try (EventStream stream = stream(2, "")) {
            Event count = stream.await("count", 1);

            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(stream.header("Cache-Control")).isEqualTo("no-store");
            assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");
            assertThat(stream.retry()).isBetween(2000, 4000);
            assertThat(count.id()).isNull();
            assertThat(count.data().path("unread").asLong()).isEqualTo(count(2, "unread"));
            assertThat(count.data().path("total").asLong()).isEqualTo(count(2, "total"));
            assertThat(stream.events()).hasSize(1);
        }
    }

    @Test
    void sendsAddedAndReadNotifications() {
        long seq = seq(2);
        try (EventStream one = stream(2, "");
                EventStream other = stream(2, "?after=" + seq)) {
            one.await("count", 1);
            other.await("count", 1);
            send(2, "live");

            Event notification = one.await("notification", 1);
            long id = Long.parseLong(notification.id());
            assertThat(id).isEqualTo(seq + 1);
            assertThat(notification.data().path("id").asLong()).isEqualTo(id);
            assertThat(notification.data().path("message").asText()).isEqualTo("live");
            assertThat(notification.data().path("from").path("name").asText()).isEqualTo("Micho");
            assertThat(notification.data().path("readAt").isNull()).isTrue();
            assertThat(notification.data().path("unread").asLong()).isEqualTo(count(2, "unread"));
            assertThat(other.await("notification", 1)).isEqualTo(notification);

            http.send("POST", "/notifications/2/" + id + "/read", null, Map.of());
            assertThat(other.await("read", 1).data().path("id").asLong()).isEqualTo(id);
            assertThat(other.await("read", 1).id()).isNull();
            // A repetition changes nothing and sends no event.
            http.send("POST", "/notifications/2/" + id + "/read", null, Map.of());
            send(2, "more");
            other.await("notification", 2);
            http.send("POST", "/notifications/2/read", null, Map.of());
            assertThat(one.await("read", 2).data().path("all").asBoolean()).isTrue();
            assertThat(one.await("read", 2).data().path("unread").asLong()).isZero();
        }
    }

    @Test
    void notificationsAreCreatedWhenKafkaGetsThem() {
        String text = "timed-" + UUID.randomUUID();
        try (EventStream stream = stream(2, "")) {
            stream.await("count", 1);
            send(2, text);

            Instant created = Instant.parse(
                    stream.await("notification", 1).data().path("createdAt").asText());
            assertThat(program.records()
                            .of("notifications", record -> record.text().contains(text)))
                    .extracting(Records.Written::timestamp)
                    .containsExactly(created.toEpochMilli());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999", "-1", "abc", "1.5", "99999999999999999999"})
    void resetsAnUnknownId(String id) {
        try (EventStream stream = stream(3, "?after=" + id)) {
            Event reset = stream.await("reset", 1);

            assertThat(reset.id()).isNull();
            assertThat(reset.data().path("reason").asText()).isEqualTo("unknown id");
            assertThat(reset.data().path("seq").asLong()).isEqualTo(count(3, "total"));
            assertThat(reset.data().path("unread").asLong()).isEqualTo(count(3, "unread"));

            send(3, "after the reset");
            stream.await("notification", 1);
        }
    }

    @Test
    void answersErrorsLikeThePage() {
        assertThat(http.get("/notifications/77/stream").status()).isEqualTo(404);
        assertThat(http.get("/notifications/77/stream").json().path("detail").asText())
                .isEqualTo("User not found");
        assertThat(http.get("/notifications/x/stream").status()).isEqualTo(400);
        assertThat(http.send("POST", "/notifications/2/stream", "", Map.of()).status())
                .isEqualTo(405);
        assertThat(http.send("POST", "/notifications/2/stream", "", Map.of()).header("Allow"))
                .contains("GET");
        assertThat(http.send("HEAD", "/notifications/2/stream", null, Map.of()).status())
                .isEqualTo(200);
    }

    @Test
    void lastEventIdTakesPrecedenceOverTheQuery() {
        send(4, "a");
        send(4, "b");
        await().until(() -> count(4, "total") >= 2);
        long seq = seq(4);

        try (EventStream stream = EventStream.open(
                http.port(), "/notifications/4/stream?after=0", Map.of("Last-Event-ID", Long.toString(seq - 1)))) {
            assertThat(stream.await("notification", 1).id()).isEqualTo(Long.toString(seq));
        }
    }

    /** The state of a client that only reads the stream. */
    private static final class Client {
        final TreeMap<Long, Boolean> read = new TreeMap<>();
        long unread;
        long last;

        void take(List<Event> events) {
            for (Event event : events) {
                unread = event.data().path("unread").asLong();
                switch (event.name()) {
                    case "notification" -> {
                        long id = Long.parseLong(event.id());
                        assertThat(id).as("without a gap and without a repeat").isEqualTo(last + 1);
                        last = id;
                        read.put(id, !event.data().path("readAt").isNull());
                    }
                    case "read" -> {
                        if (event.data().has("all")) {
                            read.replaceAll((id, any) -> true);
                        } else {
                            read.computeIfPresent(event.data().path("id").asLong(), (id, any) -> true);
                        }
                    }
                    default -> assertThat(event.name()).isEqualTo("count");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void reconnectsLoseNothingAndKeepUnreadCorrect(long seed) {
        Random random = new Random(seed);
        Client steady = new Client();
        Client cut = new Client();
        long from = seq(3);
        steady.last = from;
        cut.last = from;
        try (EventStream open = stream(3, "?after=" + from)) {
            EventStream stream = stream(3, "?after=" + from);
            long sent = from;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> http.send("POST", "/notifications/3/read", null, Map.of());
                    case 1 ->
                        http.send(
                                "POST",
                                "/notifications/3/" + (from + 1 + random.nextInt((int) (sent - from + 1))) + "/read",
                                null,
                                Map.of());
                    case 2 -> {
                        stream.close();
                        List<Event> before = stream.events();
                        cut.take(before);
                        stream = stream(3, "?after=" + cut.last);
                    }
                    default -> {
                        send(3, "n" + step);
                        sent++;
                    }
                }
            }
            long all = sent;
            await().until(() -> count(3, "total") == all);
            EventStream rest = stream;
            await().untilAsserted(() -> {
                assertThat(open.events("notification")).hasSize((int) (all - from));
                assertThat(last(open)).isEqualTo(count(3, "unread"));
                assertThat(last(rest)).isEqualTo(count(3, "unread"));
            });
            await().until(() -> rest.events("notification").size() >= all - cut.last);
            steady.take(open.events());
            cut.take(rest.events());
            rest.close();
        }
        assertThat(steady.last).isEqualTo(cut.last);
        assertThat(steady.unread).isEqualTo(count(3, "unread")).isEqualTo(cut.unread);
        long read = http
                .get("/notifications/3?limit=200&after=" + from)
                .json()
                .path("notifications")
                .findValues("readAt")
                .stream()
                .filter(at -> !at.isNull())
                .count();
        assertThat(steady.read.values().stream().filter(each -> each).count()).isEqualTo(read);
    }

    private static long last(EventStream stream) {
        List<Event> events = stream.events();
        return events.isEmpty()
                ? -1
                : events.get(events.size() - 1).data().path("unread").asLong();
    }

    @Test
    void slowClientsUseLimitedMemoryAndCatchUp() throws IOException {
        int notifications = 600;
        long from = seq(4);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(8 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", http.port()));
            socket.getOutputStream()
                    .write(("GET /notifications/4/stream?after=" + from + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String text = "x".repeat(9_900);
            for (int i = 0; i < notifications; i++) {
                send(4, text);
            }
            await().until(() -> count(4, "total") == from + notifications);
            await().until(() -> metric("caravan_sse_clients_behind") >= 1);
            assertThat(metric("caravan_sse_held_bytes")).isLessThanOrEqualTo(HELD_BYTES);

            List<Long> ids = new ArrayList<>();
            socket.setSoTimeout(20_000);
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            while (ids.size() < notifications) {
                String line = lines.readLine();
                if (line.startsWith("id: ")) {
                    ids.add(Long.parseLong(line.substring(4)));
                }
            }
            assertThat(ids)
                    .containsExactlyElementsOf(LongStream.rangeClosed(from + 1, from + notifications)
                            .boxed()
                            .toList());
            await().until(() -> metric("caravan_sse_clients_behind") == 0);
        }
    }

    @Test
    void sendsNotificationsAddedDuringTheStartOnce() {
        int rounds = 40;
        long from = seq(2);
        List<EventStream> streams = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            send(2, "n" + i);
            streams.add(stream(2, "?after=" + from));
            if (i >= 10) {
                // The number of streams per user is limited.
                streams.get(i - 10).close();
            }
        }
        streams.get(rounds - 1).await("notification", rounds);
        for (EventStream stream : streams) {
            stream.close();
            assertThat(stream.events("count")).hasSizeLessThanOrEqualTo(1);
            List<Long> ids = stream.events("notification").stream()
                    .map(event -> Long.parseLong(event.id()))
                    .toList();
            assertThat(ids)
                    .containsExactlyElementsOf(LongStream.rangeClosed(from + 1, from + ids.size())
                            .boxed()
                            .toList());
        }
    }

    private double metric(String name) {
        return Scrape.of(program.management()).samples().stream()
                .filter(sample -> sample.name().equals(name))
                .mapToDouble(sample -> sample.value())
                .sum();
    }

    @Test
    void streamsSurviveAnEditOfTheirRoute() throws IOException {
        Path file = program.routes().resolve("inbox-stream.camel.yaml");
        String before = Files.readString(file);
        long from = seq(2);
        try (EventStream stream = stream(2, "?after=" + from)) {
            stream.await("count", 1);
            edit(file, before.replace("message AS \"message\"", "'edited' AS \"message\""));
            send(2, "written");

            assertThat(stream.await("notification", 1).data().path("message").asText())
                    .isEqualTo("edited");
            try (EventStream next = stream(2, "?after=" + from)) {
                assertThat(next.await("notification", 1).data().path("message").asText())
                        .isEqualTo("edited");
            }
            edit(file, before);
            send(2, "restored");
            assertThat(stream.await("notification", 2).data().path("message").asText())
                    .isEqualTo("restored");
        } finally {
            Files.writeString(file, before);
        }
    }

    private void edit(Path file, String text) throws IOException {
        Instant begin = Instant.now();
        Path next = Files.createTempFile("caravan", ".yaml");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        await().until(() -> since().isAfter(begin));
    }

    private Instant since() {
        for (JsonNode route : http.get("/api/v1/routes").json().path("routes")) {
            if (route.path("id").asText().equals("inbox-stream")) {
                return Instant.parse(route.path("since").asText());
            }
        }
        return Instant.MIN;
    }
}
