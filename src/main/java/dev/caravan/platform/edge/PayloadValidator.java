package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.context.ContextBean;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Validates a record that was read, because any client of the broker may have written it. A payload that is not JSON or
 * violates the schema causes a {@link ProblemException}, and so goes to the dead-letter topic without a retry.
 *
 * <p>Afterwards the body is the JSON object as a {@link Map} for named SQL parameters, with the schema's timestamps in
 * UTC and in a form that every database accepts. The property {@code CaravanPayload} is the original text,
 * {@code CaravanCorrelation} the value by which an aggregator groups.
 */
public final class PayloadValidator extends ContextBean implements Processor {

    public static final String PAYLOAD = "CaravanPayload";

    private static final String CORRELATION = "CaravanCorrelation";

    private String schema;
    private JsonPointer correlation;
    private volatile List<String> timestamps;

    @Override
    public void process(Exchange exchange) {
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        JsonNode json = Json.parse(bytes);
        bean(Schemas.class).check(schema, json, 400);
        exchange.setProperty(PAYLOAD, new String(bytes, StandardCharsets.UTF_8));
        if (correlation != null) {
            exchange.setProperty(CORRELATION, json.at(correlation).asText());
        }
        exchange.getMessage().setBody(json.isObject() ? parameters(json) : json);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> parameters(JsonNode json) {
        if (timestamps == null) {
            timestamps = bean(Schemas.class).timestamps(schema);
        }
        Map<String, Object> parameters = Json.MAPPER.convertValue(json, Map.class);
        for (String field : timestamps) {
            parameters.computeIfPresent(field, (name, text) -> Rfc3339.utc(text.toString()));
        }
        return parameters;
    }

    /** The schema's name, or {@code none}. */
    public void setSchema(String schema) {
        this.schema = schema;
    }

    /** A JSON Pointer to the value by which an aggregator groups messages; null for none. */
    public void setCorrelation(String correlation) {
        this.correlation = correlation == null ? null : JsonPointer.compile(correlation);
    }
}
