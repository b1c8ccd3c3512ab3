package dev.caravan.capability.inbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.capability.inbox.StreamPosition.InboxPlace;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.sse.ServerSentEvent;
import dev.caravan.platform.sse.StreamRun;
import dev.caravan.platform.sse.Streams;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Converts the rows between a stream's position and the inbox's end to events. Marks of reading come first, because the
 * notifications after them already include them.
 */
public final class StreamEvents extends ContextBean implements Processor {

    @Override
    @SuppressWarnings("unchecked")
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        Map<?, ?> head = message.getHeader("head", Map.class);
        long fetch = message.getHeader("fetch", Long.class);
        List<ServerSentEvent> events = exchange.getProperty(StreamPosition.EVENTS, List.class);
        List<Map<String, Object>> reads = RowsResponse.of(message.getHeader("reads"));
        List<Map<String, Object>> rows = RowsResponse.of(message.getHeader("page"));
        long seq = message.getHeader("after", Long.class);
        long change = message.getHeader("readAfter", Long.class);
        for (Map<String, Object> read : reads) {
            change = InboxSteps.number(read.get("change"));
            events.add(read(InboxSteps.number(read.get("seq")), unread(head), new InboxPlace(seq, change)));
        }
        for (Map<String, Object> row : rows) {
            if (InboxSteps.number(row.get("id")) != seq + 1) {
                break;
            }
            seq++;
            ObjectNode data =
                    InboxSteps.json(row, message.getHeader("userID"), true).put("unread", unread(head));
            events.add(new ServerSentEvent(
                    "notification", seq, data, new InboxPlace(seq, change), Page.instant(row.get("createdAt"))));
        }
        long until = message.getHeader("until", Long.class);
        if (seq < until && rows.size() < fetch) {
            // Some notifications were deleted before the client has seen them.
            seq = until;
            events.add(StreamPosition.reset("notifications were deleted", head, new InboxPlace(seq, change)));
            bean(Streams.class).reset();
        }
        message.setHeader(StreamRun.MORE, reads.size() == fetch || seq < until);
        message.setBody(events);
    }

    private static ServerSentEvent read(long seq, long unread, InboxPlace inboxPlace) {
        ObjectNode data = Json.MAPPER.createObjectNode();
        if (seq == 0) {
            data.put("all", true);
        } else {
            data.put("id", seq);
        }
        return ServerSentEvent.of("read", data.put("unread", unread), inboxPlace);
    }

    private static long unread(Map<?, ?> head) {
        return InboxSteps.number(head.get("unread"));
    }
}
