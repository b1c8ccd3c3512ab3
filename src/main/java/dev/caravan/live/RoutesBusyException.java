package dev.caravan.live;

/** An edit cannot be applied yet, for example because a route is still processing messages. Nothing has changed. */
final class RoutesBusyException extends Exception {

    private static final long serialVersionUID = 1L;

    RoutesBusyException(String reason) {
        super(reason, null, false, false);
    }
}
