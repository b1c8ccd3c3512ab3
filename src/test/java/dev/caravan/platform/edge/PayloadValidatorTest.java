package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadValidatorTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Schemas schemas = new Schemas();

    @Test
    void convertsTimestampsOfTheCurrentSchema(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("s.schema.json"), "{\"type\":\"object\"}");
        schemas.setCamelContext(context);
        schemas.setFolder(folder.toString());
        PayloadValidator validator = new PayloadValidator(schemas, "s", null);
        assertThat(validated(validator)).containsEntry("at", "2026-11-21T08:00:00+02:00");

        Files.writeString(
                file, "{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"string\",\"format\":\"date-time\"}}}");
        schemas.refresh();
        schemas.refresh();
        schemas.refresh();

        assertThat(validated(validator)).containsEntry("at", "2026-11-21T06:00:00Z");
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> validated(PayloadValidator validator) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody("{\"at\":\"2026-11-21T08:00:00+02:00\"}".getBytes());
        validator.process(exchange);
        return exchange.getMessage().getBody(Map.class);
    }
}
