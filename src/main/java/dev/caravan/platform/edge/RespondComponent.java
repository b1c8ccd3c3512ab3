package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;

/**
 * {@code respond:202?message=Received&include=id}: answers a request once Kafka has its record, with that status and
 * message, the named members of the request, and the location of the message's status. {@code success=true} adds that
 * member, {@code wrap=comment} the whole request under that name.
 */
public final class RespondComponent extends DefaultComponent {

    @Override
    protected Endpoint createEndpoint(String uri, String status, Map<String, Object> parameters) {
        Map<String, JsonPointer> members = new LinkedHashMap<>();
        for (String name :
                getAndRemoveParameter(parameters, "include", String.class, "").split(",")) {
            if (!name.isBlank()) {
                members.put(name.strip(), JsonPointer.compile("/" + name.strip()));
            }
        }
        String wrap = getAndRemoveParameter(parameters, "wrap", String.class);
        if (wrap != null) {
            members.put(wrap, JsonPointer.empty());
        }
        AcceptedResponse acceptedResponse = new AcceptedResponse(
                Integer.parseInt(status),
                getAndRemoveParameter(parameters, "message", String.class),
                getAndRemoveParameter(parameters, "success", Boolean.class),
                members);
        return new ProcessorEndpoint(uri, this, acceptedResponse);
    }
}
