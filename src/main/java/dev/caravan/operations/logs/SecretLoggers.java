package dev.caravan.operations.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps secrets out of the log. At INFO and below, some Camel loggers print property values, including passwords and
 * tokens, so they are set to WARN whatever {@code logback.xml} says. Limit: a configuration that names the logger of one
 * of their classes overrides this.
 */
public final class SecretLoggers {

    private static final List<String> NAMES = List.of(
            "org.apache.camel.component.properties",
            "org.apache.camel.impl.engine.DefaultBeanIntrospection",
            "org.apache.camel.impl.engine.DefaultCamelContextExtension",
            "org.apache.camel.impl.engine.IntrospectionSupport",
            "org.apache.camel.main.BaseMainSupport");

    private SecretLoggers() {}

    /** Call before Camel reads a property. */
    public static void restrict() {
        NAMES.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN));
    }
}
