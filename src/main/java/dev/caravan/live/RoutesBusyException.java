package dev.caravan.live;

/** A route could not be replaced yet, for what is in flight in it takes too long. Nothing has been changed. */
final class RoutesBusyException extends Exception {

    private static final long serialVersionUID = 1L;

    RoutesBusyException(String reason) {
        super(reason, null, false, false);
    }
}
