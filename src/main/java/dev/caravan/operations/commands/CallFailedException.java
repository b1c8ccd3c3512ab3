package dev.caravan.operations.commands;

/** A call that had no success, in words for a terminal. {@code status} is 0 where nothing answered. */
final class CallFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    CallFailedException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    boolean isNotFound() {
        return status == 404;
    }
}
