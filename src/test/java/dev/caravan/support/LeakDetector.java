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
 * Finds secrets in the log of this JVM, from all loggers at all levels. Other log events are discarded, because there are too many at the
 * lowest level.
 */
public final class LeakDetector implements AutoCloseable {

    private static final int SHOWN = 300;

    /** Loggers of the embedded broker, which are too slow at the lowest level and never see secrets. */
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
            String text = event.getFormattedMessage()
                    + event.getMDCPropertyMap()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            if (secrets.stream().anyMatch(text::contains)) {
                leaks.add(event.getLevel() + " " + event.getLoggerName() + ": "
                        + text.substring(0, Math.min(SHOWN, text.length())));
            }
        }
    };

    public LeakDetector(String... secrets) {
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

    /** Replaces the secrets to find. */
    public void listenFor(String... secrets) {
        this.secrets = List.of(secrets);
    }

    /** Level, logger and beginning of each message that contains a secret. */
    public Set<String> leaks() {
        return leaks;
    }

    /** The levels of all events. */
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
