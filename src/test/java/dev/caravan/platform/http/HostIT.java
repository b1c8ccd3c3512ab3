package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.RawHttp;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without authentication the server answers only to its own names. */
@ExtendWith(CaravanExtension.class)
class HostIT {

    private static final String REQUEST = "GET /api/v1/comments HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1:8080", "[::1]:1", "LocalHost"})
    void acceptsLoopbackNames(String host, Program program) {
        assertThat(RawHttp.send(program.http().port(), REQUEST.formatted(host))).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:8080", "localhost.evil.example", "192.0.2.1"})
    void rejectsTheNameOfAnotherSite(String host, Program program) {
        assertThat(RawHttp.send(program.http().port(), REQUEST.formatted(host)))
                .startsWith("HTTP/1.1 403 ")
                .contains("urn:caravan:problem:forbidden", "nosniff", "no-store");
    }
}
