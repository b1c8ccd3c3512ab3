package dev.caravan.platform.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secret=1 | secret | 1 | ''",
                "secret=1:operator | secret | 1 | operator",
                "secret=1:operator+system | secret | 1 | operator system",
                "secret=1:operator+operator | secret | 1 | operator",
                "a=1, b=2:system | b | 2 | system",
                "a=1, b=2:system | a | 1 | ''",
                "a=1,b=2, | b | 2 | ''",
                "Zm9v:x-1._~+/=7 | Zm9v:x-1._~+/ | 7 | ''",
                "a=999999999999999999 | a | 999999999999999999 | ''",
            })
    void readsUserAndRolesOfAToken(String configured, String token, long user, String roles) {
        assertThat(Tokens.of(configured).caller(token))
                .contains(new Caller(user, roles.isEmpty() ? Set.of() : Set.of(roles.split(" "))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "Secret", "secre", "secrets", "secret ", "secret=1", "1", "Bearer secret"})
    void rejectsUnknownTokens(String token) {
        assertThat(Tokens.of("secret=1,other=2").caller(token)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hunter2 | 1",
                "hunter2= | 1",
                "hunter2=x | 1",
                "hunter2=-1 | 1",
                "hunter2=1.5 | 1",
                "hunter2=:operator | 1",
                "=1 | 1",
                "hunter2=9999999999999999999 | 1",
                "a=1,hunter2 | 2",
                "a=1,b=2:system,hunter2=two | 3",
                "a=1,,hunter2=2 | 2",
            })
    void reportsInvalidEntriesByPositionWithoutTheToken(String configured, int place) {
        assertThatThrownBy(() -> Tokens.of(configured))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("entry " + place + " is not token=userId[:role+role]")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2=1:", "hunter2=1:operator+", "hunter2=1:+operator", "hunter2=1:+"})
    void rejectsEmptyRoles(String configured) {
        assertThatThrownBy(() -> Tokens.of("a=1," + configured))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("entry 2")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void callersHaveOnlyTheirConfiguredRoles() {
        Caller caller = Tokens.of("secret=1:operator").caller("secret").orElseThrow();

        assertThat(caller.hasRole("operator")).isTrue();
        assertThat(caller.hasRole("system")).isFalse();
        assertThat(caller.hasRole("OPERATOR")).isFalse();
    }

    @Test
    void acceptsTheHashOfAToken() {
        String hashed = Tokens.hashed("secret");

        assertThat(hashed).isEqualTo("sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
        Tokens tokens = Tokens.of(hashed + "=1:operator," + hashed.toUpperCase().replace("SHA256", "sha256") + "=2");
        assertThat(tokens.caller("secret")).contains(new Caller(2, Set.of()));
        assertThat(tokens.caller(hashed)).as("the hash is no token").isEmpty();
        assertThat(tokens.caller(hashed.substring(7))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256:hunter2=1", "sha256:=1", "sha256:2bb80d537b1da3e38bd30361aa855686=1:operator"})
    void rejectsInvalidHashes(String entry) {
        assertThatThrownBy(() -> Tokens.of("a=1," + entry)).hasMessage("entry 2 is not sha256: and 64 hex digits");
    }

    @Test
    void readsOneEntryPerLine() {
        Tokens tokens = Tokens.ofFile("# people\n\n a,b=1 \r\n#hunter2\nmachine=0:system\n".getBytes(UTF_8));

        assertThat(tokens.caller("a,b")).contains(new Caller(1, Set.of()));
        assertThat(tokens.caller("machine")).contains(new Caller(0, Set.of("system")));
        assertThat(tokens.caller("#hunter2")).isEmpty();
        assertThatThrownBy(() -> Tokens.ofFile("# people\na=1\nhunter2\n".getBytes(UTF_8)))
                .hasMessage("line 3 is not token=userId[:role+role]");
    }

    @Test
    void emptySettingAcceptsNoToken() {
        assertThat(Tokens.of(" ").isEmpty()).isTrue();
        assertThat(Tokens.of("").caller("")).isEmpty();
    }

    @Test
    void revokedTokensEndAtOnce() {
        try (CredentialFinder credentials =
                new CredentialFinder(property -> property.equals("auth.tokens") ? "secret=1" : "")) {
            assertThat(credentials.endsAtMillis("revoked")).isZero();
        }
    }
}
