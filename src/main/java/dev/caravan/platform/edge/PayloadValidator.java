package dev.caravan.platform.edge;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Validates a consumed record, because any client of the broker may have written it. A payload that is not JSON or
 * violates the schema causes a {@link ProblemException}, so it goes to the dead-letter topic without a retry.
 *
 * <p>Afterwards the body is the JSON object as a {@link Map} for named SQL parameters, with the schema's timestamps in
 * UTC and in a format that both databases accept. The property {@code CaravanPayload} is the original text,
 * {@code CaravanCorrelation} the value by which an aggregator groups.
 */
final class PayloadValidator implements Processor {

    private static final String PAYLOAD = "CaravanPayload";
    private static final String CORRELATION = "CaravanCorrelation";

    private final Schemas schemas;
    private final String schema;
    private final JsonPointer correlation;

    /**
     * @param schema its name, or {@code none}
     * @param correlation JSON Pointer to the value by which an aggregator groups; null for none
     */
    PayloadValidator(Schemas schemas, String schema, String correlation) {
        this.schemas = schemas;
        this.schema = schema;
        this.correlation = correlation == null ? null : JsonPointer.compile(correlation);
    }

    @Override
    public void process(Exchange exchange) {
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        JsonNode json = Json.parse(bytes);
        schemas.check(schema, json, 400);
        exchange.setProperty(PAYLOAD, new String(bytes, StandardCharsets.UTF_8));
        if (correlation != null) {
            exchange.setProperty(CORRELATION, json.at(correlation).asText());
        }
        exchange.getMessage().setBody(json.isObject() ? parameters(json) : json);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> parameters(JsonNode json) {
        Map<String, Object> parameters = Json.MAPPER.convertValue(json, Map.class);
        schemas.timestamps(schema)
                .forEach(field -> parameters.computeIfPresent(field, (name, text) -> Rfc3339.utc(text.toString())));
        return parameters;
    }
}
