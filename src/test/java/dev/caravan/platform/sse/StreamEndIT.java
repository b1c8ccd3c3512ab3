package dev.caravan.platform.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Early ends of streams, and their maximum number: one program with small limits. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StreamEndIT {

    private static final int CONNECTIONS = 4;
    private static final String SECRET = "0123456789abcdef0123456789abcdef-shared";
    /** The leeway after a token's expiry. */
    private static final Duration SKEW = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static Path tokens;
    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        tokens = Files.writeString(folder.resolve("tokens"), "two=2\nthree=3\n");
        program = Program.start(Map.of(
                "auth.enabled",
                "true",
                "auth.tokens",
                "",
                "auth.tokens.file",
                tokens.toString(),
                "auth.jwt.issuer",
                "https://issuer.example",
                "auth.jwt.audience",
                "caravan",
                "auth.jwt.secret.file",
                Files.writeString(folder.resolve("secret"), SECRET).toString(),
                "sse.max.connections",
                Integer.toString(CONNECTIONS),
                "camel.beans.streams.heartbeat",
                "500ms"));
    }

    @AfterAll
    static void stop() throws IOException {
        program.close();
    }

    private static EventStream stream(String query, String token) {
        return EventStream.open(
                program.http().port(),
                "/notifications/2/stream" + query,
                token == null ? Map.of() : Map.of("Authorization", "Bearer " + token));
    }

    private static EventStream begun(String token) {
        EventStream stream = stream("", token);
        stream.await("count", 1);
        return stream;
    }

    private static String reason(EventStream stream) {
        String reason = stream.await("bye", 1).data().path("reason").asText();
        await().until(stream::isOver);
        return reason;
    }

    /** A token that is accepted for this duration, including the leeway. */
    private static String token(Duration left) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                new JWTClaimsSet.Builder()
                        .issuer("https://issuer.example")
                        .audience("caravan")
                        .subject("2")
                        .expirationTime(Date.from(Instant.now().plus(left).minus(SKEW)))
                        .build());
        token.sign(new MACSigner(SECRET.getBytes(UTF_8)));
        return token.serialize();
    }

    @Test
    @Order(1)
    void endsWhenTheTokenExpires() throws JOSEException {
        String token = token(Duration.ofSeconds(12));
        Answer ticket = program.http()
                .send("POST", "/notifications/2/stream-tickets", "", Map.of("Authorization", "Bearer " + token));
        try (EventStream stream = begun(token);
                EventStream ofTicket =
                        stream("?ticket=" + ticket.json().path("ticket").asText(), null)) {
            assertThat(ofTicket.status()).isEqualTo(200);

            assertThat(reason(stream)).isEqualTo("expired");
            assertThat(reason(ofTicket)).isEqualTo("expired");
            assertThat(stream.comments()).as("it had lived before").isPositive();
        }
        try (EventStream late = stream("", token)) {
            assertThat(late.status()).isEqualTo(401);
        }
    }

    @Test
    @Order(2)
    void endsWhenTheTokenIsRevoked() throws IOException {
        Answer ticket = program.http()
                .send("POST", "/notifications/2/stream-tickets", "", Map.of("Authorization", "Bearer two"));
        try (EventStream stream = begun("two");
                EventStream ofTicket =
                        stream("?ticket=" + ticket.json().path("ticket").asText(), null);
                EventStream other = EventStream.open(
                        program.http().port(), "/notifications/3/stream", Map.of("Authorization", "Bearer three"))) {
            Files.writeString(tokens, "three=3\n");

            assertThat(reason(stream)).isEqualTo("expired");
            assertThat(reason(ofTicket)).isEqualTo("expired");
            assertThat(other.isOver()).isFalse();
        } finally {
            Files.writeString(tokens, "two=2\nthree=3\n");
        }
    }

    @Test
    @Order(3)
    void rejectsStreamsBeyondTheMaximumUntilOneEnds() throws JOSEException {
        String token = token(Duration.ofMinutes(5));
        await().until(StreamEndIT::connections, open -> open == 0);
        List<EventStream> streams = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            streams.add(begun(token));
        }
        try (EventStream tooMany = stream("", token)) {
            assertThat(tooMany.status()).isEqualTo(429);
            assertThat(Integer.parseInt(tooMany.header("Retry-After"))).isPositive();
        }

        streams.get(0).close();
        await().until(StreamEndIT::connections, open -> open < CONNECTIONS);
        begun(token).close();
        streams.forEach(EventStream::close);
    }

    private static double connections() {
        return Scrape.of(program.management()).samples().stream()
                .filter(sample -> sample.name().equals("caravan_sse_connections"))
                .mapToDouble(sample -> sample.value())
                .sum();
    }

    @Test
    @Order(4)
    void endsWhenTheProgramStops() throws Exception {
        String token = token(Duration.ofMinutes(5));
        await().until(StreamEndIT::connections, open -> open == 0);
        try (EventStream one = begun(token);
                EventStream other = begun(token)) {
            program.caravan().close();

            assertThat(reason(one)).isEqualTo("drain");
            assertThat(reason(other)).isEqualTo("drain");
        }
    }
}
