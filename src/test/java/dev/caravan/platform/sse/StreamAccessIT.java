package dev.caravan.platform.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Http.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Access to streams, their maximum number and lifetime: one program with authentication and small limits. */
class StreamAccessIT {

    private static final Map<String, String> TWO = Map.of("Authorization", "Bearer two");
    private static final Map<String, String> SYSTEM = Map.of("Authorization", "Bearer sys");
    private static final int PER_USER = 3;

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(Map.of(
                "auth.enabled",
                "true",
                "auth.tokens",
                "two=2,three=3,sys=1:system+operator",
                "sse.max.per.user",
                Integer.toString(PER_USER),
                "camel.beans.streams.life",
                "12s",
                "camel.beans.streams.heartbeat",
                "500ms"));
    }

    @AfterAll
    static void stop() throws IOException {
        program.close();
    }

    private static EventStream stream(String path, Map<String, String> headers) {
        return EventStream.open(program.http().port(), path, headers);
    }

    private static int status(String path, Map<String, String> headers) {
        try (EventStream stream = stream(path, headers)) {
            return stream.status();
        }
    }

    private static String ticket() {
        Answer answer = program.http().send("POST", "/notifications/2/stream-tickets", "", TWO);
        assertThat(answer.status()).isEqualTo(201);
        return answer.json().path("ticket").asText();
    }

    @Test
    void onlyTheOwnerOpensAStream() {
        assertThat(status("/notifications/2/stream", Map.of())).isEqualTo(401);
        assertThat(status("/notifications/2/stream", Map.of("Authorization", "wrong")))
                .isEqualTo(401);
        assertThat(status("/notifications/3/stream", TWO)).isEqualTo(403);
        assertThat(status("/notifications/77/stream", SYSTEM)).isEqualTo(404);
        assertThat(program.http()
                        .send("POST", "/notifications/3/stream-tickets", "", TWO)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void rejectsTokensInTheUrl() {
        assertThat(status("/notifications/2/stream?ticket=two", Map.of())).isEqualTo(401);
        assertThat(status("/notifications/2/stream?token=two&access_token=two", Map.of()))
                .isEqualTo(401);
    }

    @Test
    void ticketsOpenAStreamOnce() {
        String ticket = ticket();
        assertThat(status("/notifications/3/stream?ticket=" + ticket, Map.of())).isEqualTo(401);
        assertThat(program.http().get("/notifications/2?ticket=" + ticket).status())
                .isEqualTo(401);

        try (EventStream stream = stream("/notifications/2/stream?ticket=" + ticket, Map.of())) {
            stream.await("count", 1);
        }
        assertThat(status("/notifications/2/stream?ticket=" + ticket, Map.of())).isEqualTo(401);
    }

    @Test
    void limitsNumberAndLifetimeOfAUsersStreams() {
        List<EventStream> streams = new ArrayList<>();
        for (int i = 0; i < PER_USER; i++) {
            EventStream stream = stream("/notifications/3/stream", SYSTEM);
            stream.await("count", 1);
            streams.add(stream);
        }
        try (EventStream tooMany = stream("/notifications/3/stream", SYSTEM)) {
            assertThat(tooMany.status()).isEqualTo(429);
            assertThat(Integer.parseInt(tooMany.header("Retry-After"))).isPositive();
        }

        for (EventStream stream : streams) {
            assertThat(stream.await("bye", 1).data().path("reason").asText()).isEqualTo("rotate");
            assertThat(stream.comments()).isPositive();
            await().until(stream::isOver);
        }
        assertThat(status("/notifications/3/stream", SYSTEM)).isEqualTo(200);
    }
}
