package dev.caravan.events;

import dev.caravan.edge.Edge;
import dev.caravan.edge.Json;
import dev.caravan.edge.MessageId;
import dev.caravan.edge.Problem;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.format.EventDeserializationException;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.rw.CloudEventRWException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * A CloudEvent over HTTP, in binary or structured mode, as a record in the binary mode of the CloudEvents Kafka binding:
 * attributes are {@code ce_*} headers, the data is the value, {@code partitionkey} the key.
 */
final class CloudEvents {

    private CloudEvents() {}

    static boolean isOne(Message message) {
        String type = message.getHeader(Exchange.CONTENT_TYPE, "", String.class).toLowerCase(Locale.ROOT);
        return type.startsWith("application/cloudevents+json") || message.getHeader("ce-specversion") != null;
    }

    static Event read(Message message, byte[] body, Map<String, Object> handedOn) {
        CloudEvent event = parse(message, body);
        byte[] data = event.getData() == null ? new byte[0] : event.getData().toBytes();
        String contentType = event.getDataContentType();
        Map<String, Object> headers = new HashMap<>(handedOn);
        event.getAttributeNames().forEach(name -> put(headers, name, event.getAttribute(name)));
        event.getExtensionNames().forEach(name -> put(headers, name, event.getExtension(name)));
        if (contentType != null) {
            headers.put(Edge.CONTENT_TYPE, contentType);
        }
        headers.put(MessageId.HEADER, MessageId.checked(event.getId(), "The CloudEvent's id"));
        Object key = event.getExtension("partitionkey");
        boolean json =
                contentType == null || contentType.toLowerCase(Locale.ROOT).matches("application/(.+\\+)?json.*");
        return new Event(
                null,
                key == null ? null : key.toString(),
                data,
                json && data.length > 0 ? Json.parse(data) : null,
                headers);
    }

    private static void put(Map<String, Object> headers, String attribute, Object value) {
        if (!"datacontenttype".equals(attribute) && value != null) {
            headers.put("ce_" + attribute, value.toString());
        }
    }

    private static CloudEvent parse(Message message, byte[] body) {
        try {
            return HttpMessageFactory.createReader(
                            each -> message.getHeaders().forEach((name, value) -> {
                                if (value instanceof String text) {
                                    each.accept(name, text);
                                }
                            }),
                            body)
                    .toEvent();
        } catch (CloudEventRWException
                | EventDeserializationException
                | IllegalStateException
                | IllegalArgumentException e) {
            throw Problem.malformed("The CloudEvent is not valid: " + what(e));
        } catch (NullPointerException e) {
            // The library reads JSON's null as no event, and then looks into it.
            throw Problem.malformed("The CloudEvent is not valid: it is null.");
        }
    }

    /** Where the library only hands on what another one said, it names that one's classes. */
    private static String what(RuntimeException e) {
        boolean handedOn = e.getCause() != null
                && e.getMessage().contains(e.getCause().getClass().getName());
        return handedOn ? "it cannot be read." : e.getMessage();
    }
}
