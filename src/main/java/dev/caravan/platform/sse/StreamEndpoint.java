package dev.caravan.platform.sse;

import dev.caravan.platform.http.MountedEndpoint;
import dev.caravan.platform.http.MountedPath;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** A path whose clients get a stream of events each. The values of its parts are the key by which streams are woken. */
public final class StreamEndpoint extends DefaultEndpoint implements MountedEndpoint {

    private static final Pattern PART = Pattern.compile("\\{([^}]+)}");

    private final String path;
    private final List<String> parts;
    private String positions;
    private String event = "message";

    StreamEndpoint(String uri, StreamComponent component, String path) {
        super(uri, component);
        this.path = path;
        parts = PART.matcher(path)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Override
    public String operation() {
        return MountedPath.operation(path);
    }

    String path() {
        return path;
    }

    /** Numbers are written in one way, as those who read them do not care which. */
    String key(Function<String, Object> values) {
        return parts.stream().map(part -> canonical(values.apply(part))).collect(Collectors.joining("/"));
    }

    private static String canonical(Object value) {
        String text = String.valueOf(value);
        try {
            return Long.toString(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return text;
        }
    }

    @Override
    public Producer createProducer() {
        return new WakeUpProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        return new StreamConsumer(this, processor);
    }

    @Override
    public boolean isSingleton() {
        return true;
    }

    public String getPositions() {
        return positions;
    }

    /**
     * The endpoint of a route that tells how far the data of many keys has come: for the list {@code keys} it returns
     * rows of {@code key} and {@code position}. It is asked every 2 s for all clients together. Without it each
     * client's own route is run that often.
     */
    public void setPositions(String positions) {
        this.positions = positions;
    }

    public String getEvent() {
        return event;
    }

    /** The name of the event that a row becomes. */
    public void setEvent(String event) {
        this.event = event;
    }
}
