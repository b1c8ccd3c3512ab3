package dev.caravan.live;

/** A route file names a missing schema. This aborts the start, because the whole folder may be missing. */
final class MissingSchemaException extends InvalidRouteFileException {

    private static final long serialVersionUID = 1L;

    MissingSchemaException(RouteFile file, int line, String reason) {
        super(file, line, reason);
    }
}
