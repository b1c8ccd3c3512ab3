package dev.caravan.platform.topics;

import dev.caravan.platform.context.ContextBean;
import java.util.stream.Collectors;
import org.apache.camel.spi.PropertiesFunction;

/** {@code {{topics:-retry-1}}}: each consumer's topic with that suffix, comma-separated for a Kafka URI. */
public final class TopicsFunction extends ContextBean implements PropertiesFunction {

    @Override
    public String getName() {
        return "topics";
    }

    @Override
    public String apply(String suffix) {
        Topics topics = getCamelContext().getRegistry().findSingleByType(Topics.class);
        if (topics == null) {
            topics = new Topics();
            topics.setCamelContext(getCamelContext());
        }
        return join(topics.consumers(), suffix);
    }

    public static String join(Consumers consumers, String suffix) {
        return consumers.all().stream()
                .map(consumer -> consumer.ladder() + suffix)
                .sorted()
                .collect(Collectors.joining(","));
    }
}
