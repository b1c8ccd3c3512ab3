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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A policy around the steps that replay one dead letter. It claims the dead letter, so only one caller replays it. After the
 * steps, the dead letter is replayed and the audit names the caller. If the steps fail, it is open again.
 *
 * <p>If the process dies in between, the claim expires and the dead letter is open again, although the topic may already
 * have the message. A second replay uses the same MessageID, so the message takes effect once.
 */
public final class ReplayLease extends ContextBean implements Policy {

    /** The header with the dead letter's id. */
    static final String ID = "id";

    /** The property with the id of the bulk replay that this replay belongs to. */
    static final String REPLAY = "CaravanReplay";

    /** The property that a bulk replay adds up: 1, or 0 if another caller has claimed the dead letter. */
    static final String REPLAYED = "CaravanReplayed";

    private static final Logger LOG = LoggerFactory.getLogger(ReplayLease.class);

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
                    throw rejection(id);
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
        String action = edit == null ? "replay" : "replay edited";
        transaction.executeWithoutResult(status -> {
            jdbc.update("UPDATE dead_letters SET state = 'replayed', state_at = CURRENT_TIMESTAMP WHERE id = ?", id);
            jdbc.update(
                    "INSERT INTO dead_letter_audit (who, action, dead_letter_id, replay_id, detail)"
                            + " VALUES (?, ?, ?, ?, ?)",
                    exchange.getProperty(Authenticator.CALLER_NAME),
                    action,
                    id,
                    exchange.getProperty(REPLAY),
                    edit == null ? null : edit.json().toString());
        });
        if (exchange.getProperty(REPLAY) == null) {
            LOG.info(
                    "{}: {} of dead letter {}, message {}",
                    exchange.getProperty(Authenticator.CALLER_NAME),
                    action,
                    id,
                    exchange.getProperty(RequestValidator.MESSAGE_ID));
        }
    }

    /** Explains why the dead letter cannot be replayed or discarded: 404 or 409. */
    ProblemException rejection(long id) {
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

    /** A message that was replayed this often and failed again is parked. It can only be discarded. */
    public void setMaxReplays(int maxReplays) {
        this.maxReplays = maxReplays;
    }

    /** How long a claim lasts if its process dies. It must exceed the time of a publish. */
    public void setTimeout(String duration) {
        timeoutMillis = Durations.millis(duration);
    }
}
