package dev.caravan.platform.sse;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The inputs and results of one run of a stream's route. */
public final class StreamRun {

    /**
     * The header with the id of the last written event, as a number if it is one. On the first run it is the client's id,
     * or absent. If the route sets it and returns no event with an id, the next run gets that value.
     */
    public static final String LAST_EVENT_ID = "CaravanLastEventId";

    /**
     * The header for the position of the data, a number that grows with each change; see
     * {@link StreamEndpoint#setPositions}.
     */
    public static final String POSITION = "CaravanPosition";

    /**
     * The header for whether there is more data. Without it, a run that returned events is followed by another one.
     */
    public static final String MORE = "CaravanMore";

    /** The property with the state of the last written event; null on the first run. */
    public static final String STATE = "CaravanStreamState";

    private StreamRun() {}

    record EncodedEvent(Buffer bytes, Object id, Object state, long createdMillis) {}

    /**
     * The result of a run.
     *
     * @param lastId the last id if no event has one
     * @param position null if the route sets none
     * @param reset whether the client's id is unknown
     */
    record StreamPage(List<EncodedEvent> events, Object lastId, Long position, boolean more, boolean reset) {

        /** The page of a run without the client's id, which begins with an event {@code reset}. */
        StreamPage afterReset(EncodedEvent reset) {
            List<EncodedEvent> all = new ArrayList<>(List.of(reset));
            all.addAll(events);
            return new StreamPage(all, lastId, position, more, true);
        }
    }

    /** The error that the route answered. It is sent if the stream has not begun. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final transient Map<String, String> headers;
        private final byte[] body;

        RefusedException(int status, Map<String, String> headers, byte[] body) {
            super("The route has answered " + status, null, false, false);
            this.status = status;
            this.headers = headers;
            this.body = body;
        }

        int status() {
            return status;
        }

        Map<String, String> headers() {
            return headers;
        }

        byte[] body() {
            return body;
        }
    }
}
