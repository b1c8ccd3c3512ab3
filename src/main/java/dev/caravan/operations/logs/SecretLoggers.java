package dev.caravan.operations.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps secrets out of the log at every level that a {@code logback.xml} may set: at INFO and below, some of Camel's loggers say
 * what each property holds, passwords and tokens among them. They say what goes wrong, and no more; only a configuration that
 * names one of their classes itself is not held to it.
 */
public final class SecretLoggers {

    private static final List<String> TELLING = List.of(
            "org.apache.camel.component.properties",
            "org.apache.camel.impl.engine.DefaultBeanIntrospection",
            "org.apache.camel.impl.engine.DefaultCamelContextExtension",
            "org.apache.camel.impl.engine.IntrospectionSupport",
            "org.apache.camel.main.BaseMainSupport");

    private SecretLoggers() {}

    /** To be called before Camel reads a property. */
    public static void keep() {
        TELLING.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN));
    }
}
