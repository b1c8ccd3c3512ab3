package dev.caravan.topics;

import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.spi.PropertiesFunction;

/** {@code {{topics:-retry-1}}}: every capability's topic with that suffix, parted by commas, as a Kafka URI takes them. */
public final class TopicsFunction implements PropertiesFunction, CamelContextAware {

    private CamelContext context;

    @Override
    public String getName() {
        return "topics";
    }

    @Override
    public String apply(String suffix) {
        Topics topics = new Topics();
        topics.setCamelContext(context);
        return topics.names().stream().sorted().map(topic -> topic + suffix).collect(Collectors.joining(","));
    }

    @Override
    public void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }
}
