package dev.caravan.platform.edge;

import java.nio.charset.StandardCharsets;
import org.apache.camel.component.kafka.serde.KafkaHeaderDeserializer;

/** Converts the headers of a consumed record to text. {@link RawHeaders} keeps their bytes. */
public final class TextHeaders implements KafkaHeaderDeserializer {

    @Override
    public Object deserialize(String name, byte[] value) {
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }
}
