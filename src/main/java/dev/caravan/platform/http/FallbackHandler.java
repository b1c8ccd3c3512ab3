package dev.caravan.platform.http;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.ProblemResponse;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests that no route answers, each with a problem: unknown path 404, wrong method 405 with {@code Allow},
 * unsupported media type 415, and rejections by the server itself (400, 408, 413, 414, 431, 503).
 */
final class FallbackHandler {

    private static final Logger LOG = LoggerFactory.getLogger(FallbackHandler.class);
    private static final int RETRY_AFTER_SECONDS = 2;
    private static final ProblemException NOT_FOUND = ProblemException.notFound("There is nothing at this path.");

    static final ProblemException MALFORMED = ProblemException.malformed("The request is malformed.");
    static final ProblemException URI_TOO_LONG =
            ProblemException.of(414, "uri-too-long", "The request line is longer than this server takes.");
    static final ProblemException TOO_SLOW =
            ProblemException.of(408, "too-slow", "The request did not come whole in time.");

    /** HTTP/2's error code NO_ERROR. */
    static final long NO_ERROR = 0;

    private static final CharSequence OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

    private final Router router;

    private FallbackHandler(Router router) {
        this.router = router;
    }

    /** Adds it to a router behind all routes, including those added later. */
    static void attachTo(Router router) {
        FallbackHandler fallbackHandler = new FallbackHandler(router);
        router.route()
                .order(Integer.MIN_VALUE)
                .failureHandler(fallbackHandler::handleFailure)
                .handler(request -> {
                    addCommonHeaders(request.response());
                    request.next();
                });
        router.route().last().handler(fallbackHandler::handleUnmatched);
    }

    /** Every answer forbids content sniffing and caching. */
    private static void addCommonHeaders(HttpServerResponse response) {
        response.putHeader(OPTIONS, NO_SNIFF).putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    }

    /** Rejects a request that Netty could not parse. */
    static void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        refuse(
                request,
                cause instanceof TooLongHttpLineException
                        ? URI_TOO_LONG
                        : cause instanceof TooLongHttpHeaderException
                                ? ProblemException.of(
                                        431, "headers-too-large", "The headers are larger than this server takes.")
                                : MALFORMED);
    }

    /**
     * Rejects a request before it reaches the router. Closes a connection of HTTP/1.1, because the start of the next
     * request is unknown.
     */
    static void refuse(HttpServerRequest request, ProblemException problemException) {
        HttpServerResponse response = request.response();
        boolean multiplexed = request.version() == HttpVersion.HTTP_2;
        if (!response.headWritten()) {
            answer(multiplexed ? response : response.putHeader("Connection", "close"), problemException);
        }
        if (!multiplexed) {
            request.connection().close();
        } else if (!request.isEnded()) {
            response.reset(NO_ERROR);
        }
    }

    /** Answers a request that must not reach its route. */
    static void refuse(RoutingContext request, Throwable cause) {
        if (cause instanceof ProblemException problemException) {
            answer(request, problemException);
        } else {
            request.fail(cause);
        }
    }

    private void handleFailure(RoutingContext request) {
        int status = request.statusCode() >= 400 ? request.statusCode() : 500;
        if (status == 500 && !isCancelled(request.failure())) {
            LOG.error("A request failed outside of its route", request.failure());
        }
        answer(
                request,
                switch (status) {
                    case 403 -> ProblemException.of(403, "forbidden", "Pages of that origin may not call.");
                    case 413 -> ProblemException.of(413, "too-large", "The body is larger than this server takes.");
                    case 400 -> MALFORMED;
                    case 404 -> NOT_FOUND;
                    case 415 ->
                        ProblemException.of(415, "unsupported-media-type", "This path does not take that media type.");
                    case 417 ->
                        ProblemException.of(417, "malformed", "The only supported Expect header is 100-continue.");
                    case 503 -> ProblemException.unavailable("Not available at the moment.", RETRY_AFTER_SECONDS);
                    default ->
                        ProblemException.of(status, "internal", "The request failed; the program's log says why.");
                });
    }

    private static boolean isCancelled(Throwable failure) {
        return failure instanceof HttpClosedException || failure instanceof StreamResetException;
    }

    private void handleUnmatched(RoutingContext request) {
        List<Route> matching = router.getRoutes().stream()
                .filter(route -> route.methods() != null
                        && route.getPath() != null
                        && pattern(route.getPath())
                                .matcher(request.normalizedPath())
                                .matches())
                .toList();
        Set<String> methods = matching.stream()
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .collect(Collectors.toCollection(TreeSet::new));
        if (methods.isEmpty()) {
            answer(request, NOT_FOUND);
        } else if (methods.contains(request.request().method().name())) {
            refuseMediaType(request, matching);
        } else {
            String allowed = String.join(", ", methods);
            request.response().putHeader("Allow", allowed);
            answer(request, ProblemException.of(405, "method-not-allowed", "This path takes " + allowed + "."));
        }
    }

    private static void refuseMediaType(RoutingContext request, List<Route> matching) {
        String accepted = matching.stream()
                .filter(route -> route.methods().contains(request.request().method()))
                .map(route -> route.<String>getMetadata(AsyncHttpEngine.CONSUMES))
                .filter(Objects::nonNull)
                .flatMap(types -> Stream.of(types.split(",")))
                .map(String::strip)
                .distinct()
                .collect(Collectors.joining(", "));
        if (!accepted.isEmpty()) {
            request.response().putHeader("Accept", accepted);
        }
        String given = request.request().getHeader("Content-Type");
        answer(
                request,
                ProblemException.of(
                        415,
                        "unsupported-media-type",
                        (given == null ? "The request has no Content-Type" : "This path does not take that media type")
                                + (accepted.isEmpty() ? "." : "; it takes " + accepted + ".")));
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(path.replaceAll(":[^/]+", "[^/]+") + "/?");
    }

    /**
     * Answers in a separate task; otherwise each of several pipelined requests would be handled inside the previous
     * one.
     */
    private static void answer(RoutingContext request, ProblemException problemException) {
        request.vertx().runOnContext(task -> answer(request.response(), problemException));
    }

    private static void answer(HttpServerResponse response, ProblemException problemException) {
        if (response.ended()) {
            return;
        }
        addCommonHeaders(response);
        response.setStatusCode(problemException.status());
        ProblemResponse.headers(problemException).forEach(response::putHeader);
        response.end(Buffer.buffer(Json.bytes(ProblemResponse.body(problemException))));
    }
}
