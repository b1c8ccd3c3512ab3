package dev.caravan.capability.deadletters;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.crash.CrashPoint;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.RequestValidator;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.settings.Durations;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The steps inside send one dead letter's message back to its topic, and nobody else sends it meanwhile. Once they are done it counts as
 * replayed, and the audit says who did it; where they fail it is open again.
 *
 * <p>A process that dies in between leaves it claimed, and after a while it is open again. Its topic may have the message by
 * then: it has the same MessageID the next time, so it takes effect once.
 */
public final class ReplayLease extends ContextBean implements Policy {

    /** The header that holds the dead letter's id. */
    static final String ID = "id";

    /** The property that holds the id of the replay of many that this one is part of. */
    static final String REPLAY = "CaravanReplay";

    /** The property that a replay of many adds up: 1, or 0 where somebody else has the dead letter. */
    static final String REPLAYED = "CaravanReplayed";

    private int maxReplays;
    private long timeoutMillis;
    private JdbcTemplate jdbc;
    private TransactionTemplate transaction;

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        jdbc = new JdbcTemplate(bean(DataSource.class));
        transaction = new TransactionTemplate(new DataSourceTransactionManager(bean(DataSource.class)));
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        return exchange -> {
            long id = exchange.getMessage().getHeader(ID, Long.class);
            boolean claimed = claim(id);
            exchange.setProperty(REPLAYED, claimed ? 1 : 0);
            if (!claimed) {
                if (exchange.getProperty(REPLAY) == null) {
                    throw refused(id);
                }
                return;
            }
            boolean done = false;
            try {
                steps.process(exchange);
                done = exchange.getException() == null;
            } finally {
                if (done) {
                    CrashPoint.REPLAYED.reachedBy(exchange.getProperty(RequestValidator.MESSAGE_ID, String.class));
                    replayed(exchange, id);
                } else {
                    jdbc.update("UPDATE dead_letters SET state = 'open' WHERE id = ? AND state = 'replaying'", id);
                }
            }
        };
    }

    private boolean claim(long id) {
        Instant now = Instant.now();
        return jdbc.update(
                        "UPDATE dead_letters SET state = 'replaying', state_at = ? WHERE id = ? AND replays < ?"
                                + " AND (state = 'open' OR state = 'replaying' AND state_at < ?)",
                        Timestamp.from(now),
                        id,
                        maxReplays,
                        Timestamp.from(now.minusMillis(timeoutMillis)))
                == 1;
    }

    private void replayed(Exchange exchange, long id) {
        Replay.Edit edit = exchange.getProperty(Replay.EDIT, Replay.Edit.class);
        transaction.executeWithoutResult(status -> {
            jdbc.update("UPDATE dead_letters SET state = 'replayed', state_at = CURRENT_TIMESTAMP WHERE id = ?", id);
            jdbc.update(
                    "INSERT INTO dead_letter_audit (who, action, dead_letter_id, replay_id, detail)"
                            + " VALUES (?, ?, ?, ?, ?)",
                    exchange.getProperty(Authenticator.WHO),
                    edit == null ? "replay" : "replay edited",
                    id,
                    exchange.getProperty(REPLAY),
                    edit == null ? null : edit.json().toString());
        });
    }

    /** Why it cannot be replayed, or discarded: 404 or 409. */
    ProblemException refused(long id) {
        List<Map<String, Object>> rows = jdbc.queryForList("SELECT state, replays FROM dead_letters WHERE id = ?", id);
        if (rows.isEmpty()) {
            return DeadLetter.missing();
        }
        String state = (String) rows.get(0).get("state");
        return switch (state) {
            case "open" ->
                ProblemException.of(
                        409,
                        "parked",
                        "It has been replayed " + rows.get(0).get("replays")
                                + " times and failed again; DEAD_LETTER_MAX_REPLAYS allows no more.");
            case "replaying" -> ProblemException.of(409, "in-progress", "It is being replayed.");
            default -> ProblemException.of(409, "settled", "It is " + state + " already.");
        };
    }

    /** A message that has been replayed so often and failed again is parked: it can only be discarded. */
    public void setMaxReplays(int maxReplays) {
        this.maxReplays = maxReplays;
    }

    /** How long a claim holds whose process has died; longer than a publish may take. */
    public void setTimeout(String duration) {
        timeoutMillis = Durations.millis(duration);
    }
}
