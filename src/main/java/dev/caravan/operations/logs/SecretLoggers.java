package dev.caravan.operations.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps secrets out of the log at every level set in {@code logback.xml}: at INFO and below, some Camel loggers print
 * property values, including passwords and tokens. These loggers are kept at WARN. Limit: a configuration that names
 * one of their classes directly overrides this.
 */
public final class SecretLoggers {

    private static final List<String> TELLING = List.of(
            "org.apache.camel.component.properties",
            "org.apache.camel.impl.engine.DefaultBeanIntrospection",
            "org.apache.camel.impl.engine.DefaultCamelContextExtension",
            "org.apache.camel.impl.engine.IntrospectionSupport",
            "org.apache.camel.main.BaseMainSupport");

    private SecretLoggers() {}

    /** Call before Camel reads a property. */
    public static void keep() {
        TELLING.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN));
    }
}
