package dev.caravan.support;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.LoggerFactory;

/**
 * What is logged in this JVM that holds a secret, by whomever and at whatever level. Only that is kept: at the lowest level
 * there is far too much of the rest.
 */
public final class Overheard implements AutoCloseable {

    private static final int SHOWN = 300;

    /** What the embedded broker says at the lowest level would hold up the rest; no secret ever gets there. */
    private static final List<String> BROKER = List.of(
            "kafka",
            "org.apache.kafka.controller",
            "org.apache.kafka.coordinator",
            "org.apache.kafka.image",
            "org.apache.kafka.metadata",
            "org.apache.kafka.queue",
            "org.apache.kafka.raft",
            "org.apache.kafka.server",
            "org.apache.kafka.storage",
            "org.apache.kafka.timeline");

    private final Logger root = logger(Logger.ROOT_LOGGER_NAME);
    private final Map<Logger, Level> before = new HashMap<>();
    private final Set<String> leaks = new ConcurrentSkipListSet<>();
    private final Set<Level> levels = ConcurrentHashMap.newKeySet();
    private volatile List<String> secrets;

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            levels.add(event.getLevel());
            String said = event.getFormattedMessage()
                    + event.getMDCPropertyMap()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            if (secrets.stream().anyMatch(said::contains)) {
                leaks.add(event.getLevel() + " " + event.getLoggerName() + ": "
                        + said.substring(0, Math.min(SHOWN, said.length())));
            }
        }
    };

    public Overheard(String... secrets) {
        listenFor(secrets);
        ThresholdFilter asBefore = new ThresholdFilter();
        asBefore.setLevel(Level.WARN.levelStr);
        asBefore.start();
        root.iteratorForAppenders().forEachRemaining(each -> each.addFilter(asBefore));
        root.getLoggerContext().getLoggerList().forEach(logger -> before.put(logger, logger.getLevel()));
        before.keySet().forEach(logger -> logger.setLevel(logger == root ? Level.ALL : null));
        BROKER.forEach(name -> before.putIfAbsent(logger(name), null));
        BROKER.forEach(name -> logger(name).setLevel(Level.WARN));
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    /** From now on for these, and for no others. */
    public void listenFor(String... secrets) {
        this.secrets = List.of(secrets);
    }

    /** Level, logger and the beginning of each message with a secret in it. */
    public Set<String> leaks() {
        return leaks;
    }

    /** At which anything was said. */
    public Set<Level> levels() {
        return levels;
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        before.forEach(Logger::setLevel);
        root.iteratorForAppenders().forEachRemaining(each -> each.clearAllFilters());
    }
}
