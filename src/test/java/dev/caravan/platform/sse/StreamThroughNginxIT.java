package dev.caravan.platform.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.EventStream;
import dev.caravan.support.Nginx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The live inbox behind nginx: with only the upstream configured, so that nginx buffers and uses HTTP/1.0, and with the
 * configuration of docker-compose.yml.
 */
@ExtendWith(CaravanExtension.class)
class StreamThroughNginxIT {

    /** Much shorter than comments need to fill a buffer of nginx. */
    private static final Duration AT_ONCE = Duration.ofMinutes(1);

    @TempDir
    static Path folder;

    private static Nginx nginx;
    private static int plain;
    private static int compose;

    @BeforeAll
    static void start(Program program) throws IOException {
        String message = Nginx.MISSING + ", so streams are not tested behind it";
        if ("true".equals(System.getenv("CI"))) {
            assertThat(Nginx.isInstalled()).as(message).isTrue();
        }
        assumeTrue(Nginx.isInstalled(), message);
        plain = CaravanExtension.freePort();
        compose = CaravanExtension.freePort();
        String address = "127.0.0.1:" + program.http().port();
        Files.writeString(
                folder.resolve("compose.conf"),
                Files.readString(Path.of("deploy/compose/nginx.conf"))
                        .replaceAll("api-[12]:8080", address)
                        .replace("listen 8080", "listen 127.0.0.1:" + compose));
        nginx = Nginx.start(
                folder,
                """
                server {
                  listen 127.0.0.1:%d;
                  location / { proxy_pass http://%s; }
                }
                include compose.conf;
                """
                        .formatted(plain, address));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (nginx != null) {
            nginx.close();
        }
    }

    private static EventStream stream(int port, String query) {
        return await().ignoreException(UncheckedIOException.class)
                .until(() -> EventStream.open(port, "/notifications/2/stream" + query, Map.of()), any -> true);
    }

    static List<Integer> ports() {
        return List.of(plain, compose);
    }

    @ParameterizedTest
    @MethodSource("ports")
    void eventsArriveWithoutBuffering(int port, Program program) {
        try (EventStream stream = stream(port, "")) {
            await().atMost(AT_ONCE).until(() -> stream.events("count").size() == 1);
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");

            program.http().postForm("/send", "fromID=1&toID=2&message=through+nginx");
            await().atMost(AT_ONCE).until(() -> stream.events("notification").size() == 1);

            String last = Long.toString(
                    stream.events("notification").get(0).data().path("id").asLong() - 1);
            try (EventStream next = stream(port, "?after=" + last)) {
                await().atMost(AT_ONCE).until(() -> next.events("notification").size() == 1);
            }
        }
    }
}
