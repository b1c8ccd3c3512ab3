package dev.caravan.platform.sse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The inputs and results of one run of a stream's route. */
public final class StreamRun {

    /**
     * The header with the id of the last event that was sent, as a number if it is one. On the first run it is the id
     * of the client, or absent. If the route sets it and returns no event with an id, the next run gets that value.
     */
    public static final String LAST_EVENT_ID = "CaravanLastEventId";

    /**
     * The header with the position of the data, a number that grows with each change; see
     * {@link StreamEndpoint#setPositions}.
     */
    public static final String POSITION = "CaravanPosition";

    /**
     * The header that says whether there is more data; without it, a run that returned events is followed by another
     * one.
     */
    public static final String MORE = "CaravanMore";

    /** The property with the state of the last event that was sent; null on the first run. */
    public static final String STATE = "CaravanStreamState";

    private StreamRun() {}

    /** An event, ready to be written. */
    record Line(byte[] bytes, Object id, Object state, long createdMillis) {}

    /**
     * The result of a run.
     *
     * @param lastId the last id if no line has one
     * @param position null if the route sets none
     * @param reset whether the client's id is unknown
     */
    record StreamPage(List<Line> lines, Object lastId, Long position, boolean more, boolean reset) {

        /** The page of a run without the client's id, after the event that says so. */
        StreamPage afterReset(Line event) {
            List<Line> all = new ArrayList<>();
            all.add(event);
            all.addAll(lines);
            return new StreamPage(all, lastId, position, more, true);
        }
    }

    /** The route answered with an error, which is sent if the stream has not begun. */
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
