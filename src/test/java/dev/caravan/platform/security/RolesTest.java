package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesTest {

    private final Properties lines = new Properties();

    RolesTest() throws IOException {
        try (Reader settings = Files.newBufferedReader(Path.of("application.properties"))) {
            lines.load(settings);
        }
        lines.setProperty("roles.reports", "accountant, auditor");
        lines.setProperty("roles.opened", "");
    }

    @ParameterizedTest(name = "a token with the roles {1}, for {0}: {2}")
    @CsvSource({
        "comments,     '',              true",
        "routes,       '',              false",
        "routes,       system,          false",
        "routes,       operator,        true",
        "dead-letters, operator,        true",
        "dead-letters, user,            false",
        "every-user,   operator,        false",
        "every-user,   system,          true",
        "management,   system operator, true",
        "reports,      operator,        false",
        "reports,      auditor,         true",
        "opened,       '',              true",
    })
    void followsTheSettings(String what, String held, boolean may) {
        Caller caller = new Caller(1, Set.of(held.split(" ")));

        assertThat(roles().allows(caller, what)).isEqualTo(may);
    }

    @Test
    void allowsEverythingWithAuthenticationOff() {
        assertThat(roles().allows(null, "routes")).isTrue();
    }

    @Test
    void failsIfARequiredSettingIsMissing() {
        lines.remove("roles.replays");

        assertThatThrownBy(() -> roles().allows(new Caller(1, Set.of()), "comments"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("`roles.replays=<role>`");
    }

    private Roles roles() {
        DefaultCamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setInitialProperties(lines);
        Roles roles = new Roles();
        roles.setCamelContext(context);
        return roles;
    }
}
