package dev.caravan.platform.kafka;

import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Navigate;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.processor.SendDynamicProcessor;
import org.apache.camel.spi.InterceptSendToEndpoint;
import org.apache.camel.util.StringHelper;

/** The topic that a step publishes to: constant for {@code to}, computed for each exchange for {@code toD}. */
public final class TargetTopic {

    private static final String SCHEME = "kafka:";

    private TargetTopic() {}

    /** The topic of the first Kafka step in the steps; empty if there is none. */
    public static Optional<Function<Exchange, String>> of(Object steps) {
        if (steps instanceof EndpointAware aware && unwrap(aware.getEndpoint()) instanceof KafkaEndpoint kafka) {
            String topic = kafka.getConfiguration().getTopic();
            return Optional.of(exchange -> topic);
        }
        if (steps instanceof SendDynamicProcessor dynamic && dynamic.getUri().startsWith(SCHEME)) {
            Expression uri = dynamic.getExpression();
            return Optional.of(exchange ->
                    StringHelper.before(uri.evaluate(exchange, String.class).substring(SCHEME.length()) + "?", "?"));
        }
        return steps instanceof Navigate<?> children && children.hasNext()
                ? children.next().stream().flatMap(next -> of(next).stream()).findFirst()
                : Optional.empty();
    }

    /** Unwraps the mock that a test may have put in front of the endpoint. */
    private static Endpoint unwrap(Endpoint endpoint) {
        return endpoint instanceof InterceptSendToEndpoint mocked ? mocked.getOriginalEndpoint() : endpoint;
    }
}
