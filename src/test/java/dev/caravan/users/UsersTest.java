package dev.caravan.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.edge.Problem;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsersTest {

    @ParameterizedTest
    @CsvSource({
        "users.json, 1, Micho", "users.json, 2, Tito", "users.json, 3, Rick", "users.json, 4, Negro",
        "users-seed1.json, 1, Emma", "users-seed1.json, 2, Bruno", "users-seed1.json, 3, Rick",
                "users-seed1.json, 4, Lena"
    })
    void bothSeedsPeopleAreThere(String file, long id, String name) {
        assertThat(users(file).get(id)).isEqualTo(new User(id, name));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 5, Long.MAX_VALUE})
    void anybodyElseIsNotFound(long id) {
        Problem problem =
                catchThrowableOfType(Problem.class, () -> users("users.json").get(id));

        assertThat(problem.status()).isEqualTo(404);
        assertThat(problem).hasMessage("User not found");
    }

    private static Users users(String file) {
        Users users = new Users();
        users.setCamelContext(new DefaultCamelContext());
        users.setFile("classpath:" + file);
        return users;
    }
}
