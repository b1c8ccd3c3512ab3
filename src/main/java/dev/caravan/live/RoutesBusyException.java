package dev.caravan.live;

/** A route could not be replaced yet, because its messages take too long. Nothing has changed. */
final class RoutesBusyException extends Exception {

    private static final long serialVersionUID = 1L;

    RoutesBusyException(String reason) {
        super(reason, null, false, false);
    }
}
