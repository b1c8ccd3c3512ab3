package dev.caravan.platform.edge;

import java.util.List;

/**
 * An invalid request or record, or an unavailable service, as a problem of RFC 9457.
 *
 * <p>Over HTTP it becomes the answer. In a consumer it means that retries do not help, unless {@link #retryAfter} is
 * positive.
 */
public final class ProblemException extends RuntimeException {

    /** One invalid field; {@code pointer} is a JSON Pointer (RFC 6901) into the request or record. */
    public record Violation(String pointer, String detail) {}

    private final int status;
    private final String type;
    private final transient List<Violation> errors;
    private final int retryAfter;

    private ProblemException(
            int status, String type, String detail, List<Violation> errors, int retryAfter, Throwable cause) {
        super(detail, cause, false, cause != null);
        this.status = status;
        this.type = type;
        this.errors = errors;
        this.retryAfter = retryAfter;
    }

    public static ProblemException of(int status, String type, String detail) {
        return new ProblemException(status, type, detail, List.of(), 0, null);
    }

    public static ProblemException malformed(String detail) {
        return of(400, "malformed", detail);
    }

    /** @param errors all invalid fields; the first one becomes the problem's detail */
    public static ProblemException invalid(List<Violation> errors) {
        return invalid(400, errors);
    }

    public static ProblemException invalid(int status, List<Violation> errors) {
        Violation first = errors.get(0);
        return new ProblemException(
                status, "invalid", (first.pointer() + " " + first.detail()).strip(), errors, 0, null);
    }

    public static ProblemException notFound(String detail) {
        return of(404, "not-found", detail);
    }

    /** Kafka did not acknowledge the record in time; {@code retryAfter} is in seconds. */
    public static ProblemException notPublished(String detail, int retryAfter, Throwable cause) {
        return new ProblemException(500, "not-published", detail, List.of(), retryAfter, cause);
    }

    /** A service that the answer needs is unavailable; {@code retryAfter} is in seconds. */
    public static ProblemException unavailable(String detail, int retryAfter) {
        return new ProblemException(503, "unavailable", detail, List.of(), retryAfter, null);
    }

    /** The caller exceeds its request rate; {@code retryAfter} is in seconds. */
    public static ProblemException tooMany(int retryAfter) {
        return tooMany("You have sent too many requests.", retryAfter);
    }

    public static ProblemException tooMany(String detail, int retryAfter) {
        return new ProblemException(429, "too-many-requests", detail, List.of(), retryAfter, null);
    }

    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    public List<Violation> errors() {
        return errors;
    }

    /** Seconds until the caller may try again; 0 if waiting does not help. */
    public int retryAfter() {
        return retryAfter;
    }
}
