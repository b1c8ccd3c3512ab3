package dev.caravan.platform.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.platform.edge.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void findsTheUsersOfBothShippedFiles(String file, long id, String name) {
        assertThat(users(file).get(id)).isEqualTo(new User(id, name));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 5, Long.MAX_VALUE})
    void unknownUsersAreNotFound(long id) {
        ProblemException problemException = catchThrowableOfType(
                ProblemException.class, () -> users("users.json").get(id));

        assertThat(problemException.status()).isEqualTo(404);
        assertThat(problemException).hasMessage("User not found");
    }

    @ParameterizedTest(name = "{index}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | it is empty",
                "[{\"id\":1,\"name\":\"A\" | it is not JSON",
                "[] | there is no user in it",
                "{} | it is no list of users",
                "[{\"id\":\"x\",\"name\":\"A\"}] | it is no list of users",
                "[{\"name\":\"A\"}] | each user has an id",
                "[{\"id\":1}] | each user has an id",
                "[null] | each user has an id",
                "[{\"id\":1,\"name\":\"A\"},{\"id\":1,\"name\":\"B\"}] | two users have the id 1",
            })
    void reportsAnInvalidFileAtStartup(String text, String words, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("users.json"), text);

        for (String location : List.of(file.toString(), "file:" + file)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(users(location)::open)
                    .withMessageStartingWith("USERS_FILE=" + file + ": ")
                    .withMessageContaining(words);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"/nope.json", "file:/nope.json", "/", "classpath:nope.json"})
    void reportsAMissingFileAtStartup(String location) {
        assertThatIllegalArgumentException()
                .isThrownBy(users(location)::open)
                .withMessageStartingWith("USERS_FILE=" + location.replace("file:", "") + ": ");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"plain", "a b", "a+b", "a%2Bb", "a%", "a\\b", "a#b", "a;b", "a:b"})
    void acceptsAnyFolderName(String name, @TempDir Path parent) throws IOException {
        Path file = Files.createDirectory(parent.resolve(name)).resolve("users.json");
        Files.writeString(file, "[{\"id\":7,\"name\":\"Ada\"}]");

        assertThat(users("file:" + file).get(7).name()).isEqualTo("Ada");
    }

    @Test
    void appliesAChangedFileUnlessInvalid(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("users.json"), "[{\"id\":7,\"name\":\"Ada\"}]");
        Users users = users(file.toString());
        users.open();
        users.refresh();

        Files.writeString(file, "[{\"id\":7,\"name\":\"Grace\"}]");
        refreshTwice(users);
        assertThat(users.get(7).name()).isEqualTo("Grace");

        Files.writeString(file, "[]");
        refreshTwice(users);
        assertThat(users.get(7).name()).isEqualTo("Grace");
    }

    private static void refreshTwice(Users users) {
        users.refresh();
        users.refresh();
    }

    private static Users users(String file) {
        Users users = new Users();
        users.setCamelContext(new DefaultCamelContext());
        users.setFile(file.contains("/") || file.contains(":") ? file : "classpath:" + file);
        return users;
    }
}
