package dev.caravan.platform.sse;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * {@code sse:/path/{name}}: as a consumer, a path of the business port that answers with Server-Sent Events. Its route
 * runs for each client whenever that can take more and there may be something new; what it returns is written. As a
 * producer, it says that there is something new for the clients whose path has the same parts as the message has
 * headers.
 */
public final class StreamComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        StreamEndpoint endpoint = new StreamEndpoint(uri, this, "/" + remaining.replaceFirst("^/+", ""));
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
