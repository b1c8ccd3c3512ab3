package dev.caravan.users;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.caravan.context.InContext;
import dev.caravan.edge.Json;
import dev.caravan.edge.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.support.ResourceHelper;

/** The directory of users: a JSON file of {@code [{"id":1,"name":"…"}]}, read when it is first needed. */
public final class Users extends InContext {

    private String file;
    private volatile Map<Long, User> byId;

    /** @throws Problem 404 {@code User not found} */
    public User get(long id) {
        User user = all().get(id);
        if (user == null) {
            throw Problem.notFound("User not found");
        }
        return user;
    }

    private Map<Long, User> all() {
        if (byId == null) {
            byId = load();
        }
        return byId;
    }

    private Map<Long, User> load() {
        try (InputStream in = ResourceHelper.resolveMandatoryResourceAsInputStream(getCamelContext(), file)) {
            List<User> users = Json.MAPPER.readValue(in, new TypeReference<>() {});
            return users.stream().collect(Collectors.toUnmodifiableMap(User::id, Function.identity()));
        } catch (IOException e) {
            throw new UncheckedIOException("The users' file " + file + " could not be read", e);
        }
    }

    /** A Camel resource: {@code classpath:users.json}, {@code file:/etc/caravan/users.json}. */
    public void setFile(String file) {
        this.file = file;
    }
}
