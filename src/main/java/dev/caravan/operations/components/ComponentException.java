package dev.caravan.operations.components;

/** A component cannot be added or removed. The message says why and what to do. */
public final class ComponentException extends Exception {

    private static final long serialVersionUID = 1L;

    ComponentException(String message) {
        super(message, null, false, false);
    }
}
