package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {

    @ParameterizedTest
    @CsvSource({
        "localhost, true",
        "LOCALHOST:8080, true",
        "127.0.0.1:8080, true",
        "[::1]:8080, true",
        "[::1], true",
        "caravan.example.com, true",
        "Caravan.Example.com:443, true",
        "evil.example, false",
        "evil.example:8080, false",
        "localhost.evil.example, false",
        "127.0.0.1.evil.example, false",
        "192.0.2.1, false",
        "'', false",
        ":8080, false"
    })
    void loopbackAllowsItsOwnAndConfiguredNames(String host, boolean known) {
        assertThat(new HostNames("127.0.0.1", List.of("caravan.example.com")).contain(host))
                .isEqualTo(known);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1:8080, true", "[2001:db8::1]:80, true", "caravan:8080, false", "1.evil, false"})
    void wildcardAddressAllowsEveryIpAddress(String host, boolean known) {
        assertThat(new HostNames("0.0.0.0", List.of()).contain(host)).isEqualTo(known);
    }

    @Test
    void allowsTheHostTheServerListensOn() {
        assertThat(new HostNames("::1", List.of()).contain("[::1]:1")).isTrue();
        assertThat(new HostNames("192.0.2.7", List.of()).contain("192.0.2.7:8080"))
                .isTrue();
        assertThat(new HostNames("api.internal", List.of()).contain("API.internal"))
                .isTrue();
    }

    @Test
    void asteriskAllowsEveryName() {
        assertThat(new HostNames("0.0.0.0", List.of("*")).contain("evil.example"))
                .isTrue();
    }
}
