package dev.caravan.deadletters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.context.InContext;
import dev.caravan.edge.Problem;
import dev.caravan.http.Rows;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** A replay of many, as the answer. */
public final class Replays {

    private Replays() {}

    /** What a replay would do. */
    public static final class Counted extends InContext implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<String, Object> found = Rows.of(message.getHeader("found", Map.class));
            BulkReplay.Trial trial =
                    bean(BulkReplay.class).attempt(message.getHeaders(), message.getHeader("wanted", Integer.class));
            found.remove("last");
            ObjectNode answer = Rows.json(found);
            answer.put("wouldReplay", trial.replayable());
            answer.put("schemaRefuses", trial.refused());
            answer.put("unroutable", trial.unroutable());
            answer.put("dryRun", true);
            Rows.answer(message, answer);
        }
    }

    /** 404: no replay has that id. */
    public static final class Shown implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            if (!(message.getBody() instanceof Map<?, ?> row)) {
                throw Problem.notFound("There is no replay of that id.");
            }
            ObjectNode answer = Rows.json(Rows.of(row));
            String location = "/api/v1/dead-letter-replays/" + row.get("id");
            answer.put("location", location);
            answer.set("skips", Rows.json(Rows.of(message.getHeader("skips"))));
            Rows.answer(message, answer);
        }
    }
}
