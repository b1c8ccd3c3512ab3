package dev.caravan.platform.sse;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code sse:/path/{name}}: as a consumer, a path of the business port that answers with Server-Sent Events. Its route
 * runs for each client whenever the client can receive more and there may be new data; the events that it returns are
 * written. As a producer, it wakes the clients whose path parameters equal the message's headers.
 */
public final class StreamComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        StreamEndpoint endpoint = new StreamEndpoint(uri, this, "/" + remaining.replaceFirst("^/+", ""));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
