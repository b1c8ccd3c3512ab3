package dev.caravan.platform.sse;

import java.util.List;
import java.util.Map;

/** What a run of a stream's route finds, and what it returns. */
public final class StreamRun {

    /**
     * The header with the id of the last event that was sent; on the first run the one that the client gives, absent
     * where it gives none. A number where it is one. Where the route sets it and returns no event with an id, the next
     * run finds that.
     */
    public static final String LAST_EVENT_ID = "CaravanLastEventId";

    /**
     * The header with how far the data had come, a number that grows with each change, as the route of the option
     * {@code positions} says it.
     */
    public static final String POSITION = "CaravanPosition";

    /**
     * The header by which the route says whether there is more; without it a run that returned events is followed by
     * another one.
     */
    public static final String MORE = "CaravanMore";

    /** The property with the state that came with the last event that was sent; null on the first run. */
    public static final String STATE = "CaravanStreamState";

    private StreamRun() {}

    /** An event, ready to be written. */
    record Line(byte[] bytes, Object id, Object state, long createdMillis) {}

    /**
     * What came of a run.
     *
     * @param lastId where no line has an id
     * @param position null where the route says none
     */
    record Page(List<Line> lines, Object lastId, Long position, boolean more) {}

    /** The route has answered with an error, to be written in its place where the stream has not begun. */
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
