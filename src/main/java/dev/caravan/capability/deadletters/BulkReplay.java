package dev.caravan.capability.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.security.Authenticator;
import dev.caravan.platform.topics.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.ObjectHelper;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;

/**
 * Replays the dead letters that match a filter, oldest first, until none is left, the limit is reached, or an operator
 * stops it. Skips a dead letter that cannot be replayed and writes the reason to the audit. Waits and retries while Kafka
 * is unavailable.
 *
 * <p>The row in {@code dead_letter_replays} contains the filter, the progress and the stop flag, so any instance can read
 * and stop the replay. Its id is the property {@link ReplayLease#REPLAY}. Only one instance runs a row. If its process
 * dies, the replay does not continue and the row gets no end time.
 */
public final class BulkReplay extends ContextBean implements Processor {

    private static final int REASON_LENGTH = 1000;
    private static final int DEFAULT_RATE = 100;
    private static final long UNAVAILABLE_PAUSE_MILLIS = 1_000;
    private static final int SERVER_ERROR = 500;

    private int maxReplays;

    /** Numbers of matching dead letters that a replay would send, or reject for their schema or consumer. */
    record DryRun(int replayable, int invalid, int unroutable) {}

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Map<String, Object> replay = new HashMap<>(Map.of("replay", exchange.getProperty(ReplayLease.REPLAY)));
        boolean taken = jdbc().update(
                                "UPDATE dead_letter_replays SET started_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP"
                                        + " WHERE id = :replay AND started_at IS NULL AND ended_at IS NULL",
                                replay)
                == 1;
        if (!taken) {
            return;
        }
        try (ProducerTemplate template = getCamelContext().createProducerTemplate()) {
            run(replay, template);
        } catch (RuntimeException e) {
            end(replay, ErrorText.line(e, REASON_LENGTH));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(Map<String, Object> replay, ProducerTemplate template) throws InterruptedException {
        Map<String, Object> row =
                jdbc().queryForMap("SELECT who, filter FROM dead_letter_replays WHERE id = :replay", replay);
        JsonNode filter = Json.parse(((String) row.get("filter")).getBytes(StandardCharsets.UTF_8));
        Map<String, Object> parameters = DeadLetterFilter.parameters(filter);
        parameters.putAll(replay);
        parameters.put("position", 0L);
        long pauseMillis = 1000 / filter.path("ratePerSecond").asInt(DEFAULT_RATE);
        while (!getCamelContext().isStopping()) {
            Optional<Long> next = next(parameters);
            if (next.isEmpty()) {
                end(replay, null);
                return;
            }
            Thread.sleep(pauseMillis);
            if (replayOne(next.get(), (String) row.get("who"), replay, template)) {
                parameters.put("position", next.get());
            } else {
                Thread.sleep(UNAVAILABLE_PAUSE_MILLIS);
            }
        }
    }

    private Optional<Long> next(Map<String, Object> parameters) {
        return jdbc()
                .queryForList(
                        openDeadLetters() + " AND EXISTS (SELECT 1 FROM dead_letter_replays r WHERE r.id = :replay"
                                + " AND d.id <= r.last_id AND NOT r.stopping AND r.replayed < r.wanted)"
                                + " ORDER BY d.id LIMIT 1",
                        parameters,
                        Long.class)
                .stream()
                .findFirst();
    }

    /** Selects the open dead letters after a position. */
    private String openDeadLetters() {
        return "SELECT d.id FROM dead_letters d WHERE "
                + getCamelContext()
                        .resolvePropertyPlaceholders("{{dead.letter.where}}")
                        .replace(":#", ":")
                + " AND d.id > :position AND d.replays < " + maxReplays;
    }

    /** @return false if Kafka is unavailable and the caller must try again */
    private boolean replayOne(long id, String who, Map<String, Object> replay, ProducerTemplate template) {
        Exchange result = template.request("direct:replays-publish", exchange -> {
            exchange.getMessage().setHeader(ReplayLease.ID, id);
            exchange.setProperty(ReplayLease.REPLAY, replay.get("replay"));
            exchange.setProperty(Authenticator.CALLER_NAME, who);
        });
        Map<String, Object> parameters = new HashMap<>(replay);
        parameters.put("id", id);
        parameters.put("who", who);
        boolean unavailable = isUnavailable(result.getException());
        boolean skipped = result.getException() != null && !unavailable;
        if (skipped) {
            parameters.put("why", ErrorText.line(result.getException(), REASON_LENGTH));
            jdbc().update(
                            "INSERT INTO dead_letter_audit (who, action, dead_letter_id, replay_id, detail)"
                                    + " VALUES (:who, 'skip', :id, :replay, :why)",
                            parameters);
        }
        parameters.put("skipped", skipped ? 1 : 0);
        parameters.put("replayed", result.getException() == null ? result.getProperty(ReplayLease.REPLAYED) : 0);
        jdbc().update(
                        "UPDATE dead_letter_replays SET replayed = replayed + :replayed, skipped = skipped + :skipped,"
                                + " updated_at = CURRENT_TIMESTAMP WHERE id = :replay",
                        parameters);
        return !unavailable;
    }

    private static boolean isUnavailable(Exception failure) {
        ProblemException problemException = ObjectHelper.getException(ProblemException.class, failure);
        return problemException != null && problemException.status() >= SERVER_ERROR;
    }

    private void end(Map<String, Object> replay, String error) {
        Map<String, Object> parameters = new HashMap<>(replay);
        parameters.put("error", error);
        jdbc().update(
                        "UPDATE dead_letter_replays SET ended_at = CURRENT_TIMESTAMP, error = :error WHERE id = :replay",
                        parameters);
    }

    /** Counts what a replay of at most this many dead letters would do. */
    DryRun dryRun(Map<String, Object> filter, int limit) {
        Map<String, Object> parameters = new HashMap<>(filter);
        parameters.put("position", 0L);
        int replayable = 0;
        int invalid = 0;
        int unroutable = 0;
        while (replayable < limit) {
            List<Long> page =
                    jdbc().queryForList(openDeadLetters() + " ORDER BY d.id LIMIT 100", parameters, Long.class);
            if (page.isEmpty()) {
                break;
            }
            for (Long id : page.subList(0, Math.min(page.size(), limit - replayable))) {
                parameters.put("position", id);
                int status = jdbc().queryForObject(
                                "SELECT topic, consumer, payload FROM dead_letters WHERE id = :position",
                                parameters,
                                (row, number) -> status(
                                        row.getString("topic"), row.getString("consumer"), row.getBytes("payload")));
                replayable += status == 202 ? 1 : 0;
                invalid += status == 422 ? 1 : 0;
                unroutable += status == 409 ? 1 : 0;
            }
        }
        return new DryRun(replayable, invalid, unroutable);
    }

    private int status(String topic, String consumer, byte[] payload) {
        try {
            Replay.check(bean(Topics.class), bean(Schemas.class), topic, consumer, payload);
            return 202;
        } catch (ProblemException problemException) {
            return problemException.status();
        }
    }

    private NamedParameterJdbcTemplate jdbc() {
        return new NamedParameterJdbcTemplate(bean(DataSource.class));
    }

    public void setMaxReplays(int maxReplays) {
        this.maxReplays = maxReplays;
    }
}
