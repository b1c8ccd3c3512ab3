package dev.caravan.platform.sse;

import dev.caravan.platform.http.MountedEndpoint;
import dev.caravan.platform.http.MountedPath;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** A path that gives each client a stream of events. The values of its path parameters are the key of a stream. */
public final class StreamEndpoint extends DefaultEndpoint implements MountedEndpoint {

    private final String path;
    private final List<String> parameters;
    private String positions;
    private String event = "message";

    StreamEndpoint(String uri, StreamComponent component, String path) {
        super(uri, component);
        this.path = path;
        parameters = MountedPath.parameters(path);
    }

    @Override
    public String operation() {
        return MountedPath.operation(path);
    }

    String path() {
        return path;
    }

    /** Joins the path parameters. Normalizes numbers, so that {@code 07} and {@code 7} are the same key. */
    String key(Function<String, Object> values) {
        return parameters.stream()
                .map(name -> Streams.value(String.valueOf(values.apply(name))).toString())
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

    public String getPositions() {
        return positions;
    }

    /**
     * Sets the endpoint of a route that returns the current positions of many keys: for the list {@code keys}, rows of
     * {@code key} and {@code position}. It runs every 2 s for all clients together. Without it, each client's own route
     * runs that often.
     */
    public void setPositions(String positions) {
        this.positions = positions;
    }

    public String getEvent() {
        return event;
    }

    /** Sets the event name of rows. */
    public void setEvent(String event) {
        this.event = event;
    }
}
