package dev.caravan.capability.inbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.sse.ServerSentEvent;
import dev.caravan.platform.sse.StreamRun;
import dev.caravan.platform.sse.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Sets the range of a stream's run: from its position to the inbox's end, which the run has read first. Newer changes wait
 * for the next run, so the {@code unread} of an event always matches the event.
 */
public final class StreamPosition extends ContextBean implements Processor {

    /** The property with the events to send before those of the rows. */
    static final String EVENTS = "CaravanStreamEvents";

    /**
     * @param seq number of the last notification sent
     * @param change number of the last mark of reading sent
     */
    record InboxPlace(long seq, long change) {}

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Map<?, ?> head = message.getHeader("head", Map.class);
        long seq = InboxSteps.number(head.get("seq"));
        long changes = InboxSteps.number(head.get("changes"));
        List<ServerSentEvent> events = new ArrayList<>();
        InboxPlace inboxPlace = exchange.getProperty(StreamRun.STATE, InboxPlace.class);
        if (inboxPlace == null) {
            Object given = message.getHeader(StreamRun.LAST_EVENT_ID);
            boolean known = given == null || given instanceof Long id && id >= 0 && id <= seq;
            inboxPlace = new InboxPlace(known && given != null ? (Long) given : seq, changes);
            ObjectNode count = Json.MAPPER.createObjectNode();
            count.put("unread", InboxSteps.number(head.get("unread")));
            count.put("total", InboxSteps.number(head.get("total")));
            events.add(ServerSentEvent.of("count", count.put("seq", seq), inboxPlace));
            if (!known) {
                events.add(reset("unknown id", head, inboxPlace));
                bean(Streams.class).reset();
            }
        }
        exchange.setProperty(EVENTS, events);
        message.setHeader("after", inboxPlace.seq());
        message.setHeader("until", seq);
        message.setHeader("readAfter", inboxPlace.change());
        message.setHeader("readUntil", changes);
        message.setHeader(StreamRun.POSITION, seq + changes);
    }

    static ServerSentEvent reset(String reason, Map<?, ?> head, InboxPlace inboxPlace) {
        ObjectNode data = Json.MAPPER.createObjectNode().put("reason", reason);
        data.put("seq", InboxSteps.number(head.get("seq"))).put("unread", InboxSteps.number(head.get("unread")));
        return ServerSentEvent.of("reset", data, inboxPlace);
    }
}
