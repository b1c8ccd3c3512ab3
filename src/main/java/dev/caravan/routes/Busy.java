package dev.caravan.routes;

/** A route could not be replaced yet, for what is in flight in it takes too long. Nothing has been changed. */
final class Busy extends Exception {

    private static final long serialVersionUID = 1L;

    Busy(String reason) {
        super(reason, null, false, false);
    }
}
