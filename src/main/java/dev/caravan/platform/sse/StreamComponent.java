package dev.caravan.platform.sse;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code sse:/path/{name}}: as a consumer, a path of the business port that answers with Server-Sent Events. Its route
 * runs for each client whenever there may be new data and the client can receive it; the client gets the events that the
 * route returns. As a producer, wakes the streams whose path parameters equal the message's headers.
 */
public final class StreamComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        StreamEndpoint endpoint = new StreamEndpoint(uri, this, "/" + remaining.replaceFirst("^/+", ""));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
