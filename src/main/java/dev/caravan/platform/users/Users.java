package dev.caravan.platform.users;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Location;
import dev.caravan.platform.context.ReloadingFile;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of users: a JSON file of {@code [{"id":1,"name":"…"}]}. A changed file applies within two seconds; an
 * invalid one is logged and ignored.
 */
public final class Users extends ContextBean {

    private Location file;
    private volatile Map<Long, User> byId;
    private volatile ReloadingFile<Map<Long, User>> reloading;

    /** @throws IllegalArgumentException if the file is missing or is not a non-empty list of users */
    public void open() {
        byId = load();
    }

    /** Applies a change of the file. Must be called by one thread at a time. */
    public void refresh() {
        if (byId == null || file.isShipped()) {
            return;
        }
        if (reloading == null) {
            reloading = new ReloadingFile<>("USERS_FILE", file.path(), this::read);
        }
        reloading.refresh();
        byId = reloading.get();
    }

    /** @throws ProblemException 404 {@code User not found} */
    public User get(long id) {
        if (byId == null) {
            open();
        }
        User user = byId.get(id);
        if (user == null) {
            throw ProblemException.notFound("User not found");
        }
        return user;
    }

    private Map<Long, User> load() {
        try {
            return read(file.read(getCamelContext()).orElseThrow(() -> invalid("there is no such file")));
        } catch (IOException e) {
            throw invalid(Location.reason(e));
        }
    }

    private Map<Long, User> read(byte[] bytes) {
        Map<Long, User> users = new HashMap<>();
        for (User user : users(bytes)) {
            if (user == null
                    || user.id() < 1
                    || user.name() == null
                    || user.name().isBlank()) {
                throw invalid("each user has an id of 1 or more and a name");
            }
            if (users.put(user.id(), user) != null) {
                throw invalid("two users have the id " + user.id());
            }
        }
        if (users.isEmpty()) {
            throw invalid("there is no user in it");
        }
        return Map.copyOf(users);
    }

    private List<User> users(byte[] bytes) {
        try {
            JsonNode json = Json.parse(bytes);
            return Json.MAPPER.convertValue(json, new TypeReference<>() {});
        } catch (ProblemException e) {
            throw invalid(e.getMessage().replace("The body", "it"));
        } catch (IllegalArgumentException e) {
            throw invalid("it is no list of users such as [{\"id\":1,\"name\":\"Ada\"}]");
        }
    }

    private IllegalArgumentException invalid(String reason) {
        return new IllegalArgumentException(
                "USERS_FILE=" + (file.isShipped() ? file.text() : file.path()) + ": " + reason);
    }

    /** A path, or a resource of the program such as {@code classpath:users.json}. */
    public void setFile(String file) {
        this.file = new Location(file);
    }
}
