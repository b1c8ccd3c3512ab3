package dev.caravan.platform.security;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.Sha256;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * One-time tickets for clients that cannot send headers, such as a browser's {@code EventSource}. A ticket opens one path
 * once, within 30 s, on any instance, with the rights of the caller to whom it was issued. The database stores only its
 * SHA-256.
 */
public final class Tickets extends ContextBean {

    public static final int VALID_SECONDS = 30;

    private static final String PARAMETER = "ticket";
    private static final int BYTES = 32;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Predicate<String>> paths = new ConcurrentHashMap<>();
    private volatile JdbcTemplate jdbc;

    /** Accepts tickets for this path, with {@code {name}} for a variable segment. */
    public void accept(String path) {
        paths.computeIfAbsent(
                path, any -> Pattern.compile("\\Q" + path.replaceAll("\\{[^}]+}", "\\\\E[^/]+\\\\Q") + "\\E")
                        .asMatchPredicate());
    }

    /** @return a new ticket for this path */
    public String issue(String path, Grant grant) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String ticket = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        long now = System.currentTimeMillis();
        Caller caller = grant.caller();
        jdbc().update(
                        "INSERT INTO stream_tickets (ticket_hash, path, user_id, roles, subject, token_hash, token_ends_at,"
                                + " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        Sha256.hex(ticket),
                        path,
                        caller.userId(),
                        String.join("\n", caller.roles()),
                        caller.subject(),
                        grant.tokenHash(),
                        grant.endsAtMillis(),
                        now + VALID_SECONDS * 1000L);
        return ticket;
    }

    /** Whether the request has a ticket and its path accepts tickets. */
    boolean isPresent(RoutingContext request) {
        String path = request.normalizedPath();
        return request.request().method() == HttpMethod.GET
                && request.request().query() != null
                && !request.queryParam(PARAMETER).isEmpty()
                && paths.values().stream().anyMatch(each -> each.test(path));
    }

    /** The grant of the request's ticket; empty if it is invalid. Blocks on the database. */
    Optional<Grant> redeem(RoutingContext request) {
        List<String> given = request.queryParam(PARAMETER);
        if (given.size() != 1 || !FORM.matcher(given.get(0)).matches()) {
            return Optional.empty();
        }
        String hash = Sha256.hex(given.get(0));
        Optional<Grant> grant = jdbc()
                .query(
                        "SELECT user_id, roles, subject, token_hash, token_ends_at FROM stream_tickets"
                                + " WHERE ticket_hash = ? AND path = ? AND expires_at >= ?",
                        (row, number) -> new Grant(
                                new Caller(
                                        row.getLong("user_id"),
                                        roles(row.getString("roles")),
                                        row.getString("subject")),
                                row.getString("token_hash"),
                                row.getLong("token_ends_at")),
                        hash,
                        request.normalizedPath(),
                        System.currentTimeMillis())
                .stream()
                .findFirst();
        // Of two concurrent requests with the same ticket, only one deletes the row.
        return grant.isPresent() && jdbc().update("DELETE FROM stream_tickets WHERE ticket_hash = ?", hash) == 1
                ? grant
                : Optional.empty();
    }

    private static Set<String> roles(String lines) {
        return lines.isEmpty() ? Set.of() : Set.of(lines.split("\n"));
    }

    private JdbcTemplate jdbc() {
        if (jdbc == null) {
            jdbc = new JdbcTemplate(bean(DataSource.class));
        }
        return jdbc;
    }
}
