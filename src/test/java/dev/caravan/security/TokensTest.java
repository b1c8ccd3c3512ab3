package dev.caravan.security;

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
    void aTokenBringsAUserAndRoles(String configured, String token, long user, String roles) {
        assertThat(new Tokens(configured).caller(token))
                .contains(new Caller(user, roles.isEmpty() ? Set.of() : Set.of(roles.split(" "))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "Secret", "secre", "secrets", "secret ", "secret=1", "1", "Bearer secret"})
    void anythingElseIsNobody(String token) {
        assertThat(new Tokens("secret=1,other=2").caller(token)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 1",
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
    void aWrongEntryIsNamedByItsPlaceAndNotByItsToken(String configured, int place) {
        assertThatThrownBy(() -> new Tokens(configured))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("entry " + place + " is not token=userId[:role+role]")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2=1:", "hunter2=1:operator+", "hunter2=1:+operator", "hunter2=1:+"})
    void aRoleThatIsEmptyIsAWrongEntry(String configured) {
        assertThatThrownBy(() -> new Tokens("a=1," + configured))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("entry 2")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aCallerHasOnlyTheRolesThatItWasGiven() {
        Caller caller = new Tokens("secret=1:operator").caller("secret").orElseThrow();

        assertThat(caller.is(Caller.OPERATOR)).isTrue();
        assertThat(caller.is(Caller.SYSTEM)).isFalse();
        assertThat(caller.is("OPERATOR")).isFalse();
    }
}
