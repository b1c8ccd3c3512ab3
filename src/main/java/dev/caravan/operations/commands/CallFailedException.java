package dev.caravan.operations.commands;

/** A failed call, with a message for the terminal. The status is 0 if the program did not answer. */
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
