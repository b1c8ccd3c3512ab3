package dev.caravan.platform.edge;

import org.apache.camel.component.kafka.KafkaConstants;

/**
 * The message headers of Camel's Kafka component. Their names differ between Camel's versions ({@code kafka.TOPIC},
 * later {@code CamelKafkaTopic}), so they are read at run time: the compiler would copy Camel's constants into the class
 * files.
 */
public final class KafkaHeaders {

    public static final String TOPIC = named("TOPIC");
    public static final String PARTITION = named("PARTITION");
    public static final String OFFSET = named("OFFSET");
    public static final String TIMESTAMP = named("TIMESTAMP");
    public static final String KEY = named("KEY");
    public static final String HEADERS = named("HEADERS");
    public static final String MANUAL_COMMIT = named("MANUAL_COMMIT");
    public static final String PARTITION_KEY = named("PARTITION_KEY");
    public static final String OVERRIDE_TOPIC = named("OVERRIDE_TOPIC");
    public static final String OVERRIDE_TIMESTAMP = named("OVERRIDE_TIMESTAMP");
    public static final String RECORD_META = named("KAFKA_RECORD_META");

    private KafkaHeaders() {}

    private static String named(String constant) {
        try {
            return (String) KafkaConstants.class.getField(constant).get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This Camel has no KafkaConstants." + constant, e);
        }
    }
}
