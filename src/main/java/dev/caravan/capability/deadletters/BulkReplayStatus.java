package dev.caravan.capability.deadletters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.http.RowsResponse;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** Responses about a bulk replay. */
public final class BulkReplayStatus {

    private BulkReplayStatus() {}

    /** The response to a dry run. */
    public static final class DryRunResponse extends ContextBean implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            Map<String, Object> found = RowsResponse.of(message.getHeader("found", Map.class));
            BulkReplay.DryRun dryRun =
                    bean(BulkReplay.class).dryRun(message.getHeaders(), message.getHeader("wanted", Integer.class));
            found.remove("last");
            ObjectNode answer = RowsResponse.json(found);
            answer.put("wouldReplay", dryRun.replayable());
            answer.put("schemaRefuses", dryRun.invalid());
            answer.put("unroutable", dryRun.unroutable());
            answer.put("dryRun", true);
            RowsResponse.answer(message, answer);
        }
    }

    /** The replay's progress; 404 if no replay has this id. */
    public static final class ProgressResponse implements Processor {
        @Override
        public void process(Exchange exchange) {
            Message message = exchange.getMessage();
            if (!(message.getBody() instanceof Map<?, ?> row)) {
                throw ProblemException.notFound("No replay has this id.");
            }
            ObjectNode answer = RowsResponse.json(RowsResponse.of(row));
            String location = "/api/v1/dead-letter-replays/" + row.get("id");
            answer.put("location", location);
            answer.set("skips", RowsResponse.json(RowsResponse.of(message.getHeader("skips"))));
            RowsResponse.answer(message, answer);
        }
    }
}
