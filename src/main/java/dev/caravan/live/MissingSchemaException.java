package dev.caravan.live;

/** A route file names a missing schema. At start-up this is fatal, because the whole folder may be missing. */
final class MissingSchemaException extends InvalidRouteFileException {

    private static final long serialVersionUID = 1L;

    MissingSchemaException(RouteFile file, int line, String reason) {
        super(file, line, reason);
    }
}
