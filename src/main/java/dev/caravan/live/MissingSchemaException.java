package dev.caravan.live;

/** A route file that names a schema which is not there. At the start it ends the program: a missing folder may be the reason. */
final class MissingSchemaException extends InvalidRouteFileException {

    private static final long serialVersionUID = 1L;

    MissingSchemaException(String file, int line, int column, String reason) {
        super(file, line, column, reason);
    }
}
