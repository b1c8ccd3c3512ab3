package dev.caravan.platform.edge;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.ProcessorEndpoint;

/**
 * {@code schema:orders}: checks the message against {@code orders.schema.json} of {@code SCHEMAS_DIR};
 * {@code schema:none} accepts any JSON.
 *
 * <p>Turns a request into a record to publish (see {@link RequestValidator}): 400 names every invalid field,
 * {@code ?key=/id} points to the record's key. {@code ?as=fields} is for a consumed record (see
 * {@link PayloadValidator}): its body becomes the fields, for named SQL parameters, and an invalid record goes to the
 * dead-letter topic without a retry; {@code &correlation=/to/id} points to the value by which an aggregator groups.
 */
public final class SchemaComponent extends DefaultComponent {

    public static final String SCHEME = "schema:";

    @Override
    protected Endpoint createEndpoint(String uri, String schema, Map<String, Object> parameters) {
        if (schema.isEmpty()) {
            throw new IllegalArgumentException("schema: names no schema; schema:" + Schemas.NONE + " accepts any JSON");
        }
        Schemas schemas = getCamelContext().getRegistry().findSingleByType(Schemas.class);
        schemas.require(schema);
        String as = getAndRemoveParameter(parameters, "as", String.class, "record");
        Processor validator =
                switch (as) {
                    case "record" ->
                        new RequestValidator(schemas, schema, getAndRemoveParameter(parameters, "key", String.class));
                    case "fields" ->
                        new PayloadValidator(
                                schemas, schema, getAndRemoveParameter(parameters, "correlation", String.class));
                    default -> throw new IllegalArgumentException("as=" + as + " must be record or fields");
                };
        return new ProcessorEndpoint(uri, this, validator);
    }
}
