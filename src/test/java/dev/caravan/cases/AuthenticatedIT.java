package dev.caravan.cases;

import dev.caravan.support.CaravanExtension.Program;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@code cases/authenticated/*.yaml} with seed 1's users, each with a token and a new inbox. */
class AuthenticatedIT {

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(Map.of(
                "auth.enabled", "true",
                "auth.tokens", "valid-token=1,bruno-token=2,system-token=3:system,operator-token=4:operator",
                "users.file", "classpath:users-seed1.json"));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    static Stream<Arguments> cases() {
        return Case.arguments("authenticated");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void holds(String file, String name, Case each) {
        CaseRun.run(each, program);
    }
}
