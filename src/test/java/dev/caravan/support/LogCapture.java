package dev.caravan.support;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.spi.AppenderAttachable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.operations.logs.BufferedConsoleAppender;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Captures the log of this JVM in both formats of the shipped {@code logback.xml}. */
public final class LogCapture implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.caravan");
    private final Level before = logger.getLevel();
    private final LoggerContext jsonContext = shipped("json");
    private final LoggerContext textContext = shipped("text");
    private final Encoder<ILoggingEvent> asJson = console(jsonContext).getEncoder();
    private final Encoder<ILoggingEvent> asText = console(textContext).getEncoder();
    private final List<String> json = new CopyOnWriteArrayList<>();
    private final List<String> text = new CopyOnWriteArrayList<>();

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String inJson = new String(asJson.encode(event), StandardCharsets.UTF_8);
            text.add(new String(asText.encode(event), StandardCharsets.UTF_8));
            // Last, because tests wait for it and then read the text.
            json.add(inJson);
        }
    };

    public LogCapture() {
        appender.setContext(logger.getLoggerContext());
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
    }

    /** The shipped configuration with this {@code LOG_FORMAT}. The caller stops it. */
    public static LoggerContext shipped(String format) {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter());
        context.putProperty("LOG_FORMAT", format);
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(new File("src/main/resources/logback.xml"));
        } catch (JoranException e) {
            throw new IllegalStateException(e);
        }
        return context;
    }

    /** The appender of such a context. */
    public static BufferedConsoleAppender console(LoggerContext context) {
        var lines = (AppenderAttachable<ILoggingEvent>)
                context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("lines");
        return (BufferedConsoleAppender) lines.iteratorForAppenders().next();
    }

    /** The events so far whose JSON line contains this text. */
    public List<JsonNode> json(String text) {
        return json.stream()
                .filter(line -> line.contains(text))
                .map(LogCapture::parsed)
                .toList();
    }

    private static JsonNode parsed(String line) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("invalid JSON: " + line, e);
        }
    }

    /** All lines so far. An event has one line of JSON, and one or more lines of text. */
    public String json() {
        return String.join("", json);
    }

    public String text() {
        return String.join("", text);
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setLevel(before);
        jsonContext.stop();
        textContext.stop();
    }
}
