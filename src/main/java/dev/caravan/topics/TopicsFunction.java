package dev.caravan.topics;

import dev.caravan.context.InContext;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.camel.spi.PropertiesFunction;

/** {@code {{topics:-retry-1}}}: every capability's topic with that suffix, parted by commas, as a Kafka URI takes them. */
public final class TopicsFunction extends InContext implements PropertiesFunction {

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
        return join(topics.names(), suffix);
    }

    public static String join(Collection<String> topics, String suffix) {
        return topics.stream().sorted().map(topic -> topic + suffix).collect(Collectors.joining(","));
    }
}
