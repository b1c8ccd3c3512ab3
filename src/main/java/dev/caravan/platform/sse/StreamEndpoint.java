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

/**
 * A path that gives each client a stream of events. The values of its path parameters are the key by which streams are
 * woken.
 */
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

    /** Joins the path parameters; numbers are normalized, so that {@code 07} and {@code 7} are the same key. */
    String key(Function<String, Object> values) {
        return parts.stream()
                .map(part -> Streams.value(String.valueOf(values.apply(part))).toString())
                .collect(Collectors.joining("/"));
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
     * The endpoint of a route that returns the current positions of many keys: for the list {@code keys}, rows of
     * {@code key} and {@code position}. It runs every 2 s for all clients together. Without it, each client's own route
     * runs that often.
     */
    public void setPositions(String positions) {
        this.positions = positions;
    }

    public String getEvent() {
        return event;
    }

    /** The event name of rows. */
    public void setEvent(String event) {
        this.event = event;
    }
}
