package dev.caravan.platform.http;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;

/**
 * The server of the business port: HTTP/1.1, and HTTP/2 with TLS. Adds limits to Camel's server: closes idle and slow
 * connections, limits their number and the size of headers, and allows form fields as long as a body. A port that is in
 * use fails the start; Camel only logs it.
 */
public final class BusinessHttpServer extends VertxPlatformHttpServer {

    private static final int LINE_BYTES = 4096;
    private static final long TICK_MILLIS = 1_000;
    private static final long STOP_SECONDS = 10;

    /** Requests in flight on a connection of HTTP/2; RFC 9113 recommends at least 100. */
    private static final int MAX_STREAMS = 100;

    private static final int TLS_IDLE_MINUTES = 10;

    private final VertxPlatformHttpServerConfiguration configuration;
    private final Limits limits;
    private final Optional<Certificate> certificate;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final List<Runnable> goAways = new CopyOnWriteArrayList<>();

    /** @param certificate with it, the port accepts only TLS; without it, only plain HTTP */
    public BusinessHttpServer(
            VertxPlatformHttpServerConfiguration configuration, Limits limits, Optional<Certificate> certificate) {
        super(configuration);
        this.configuration = configuration;
        this.limits = limits;
        this.certificate = certificate;
    }

    /**
     * Starts one event loop for every two processors, because the Kafka clients need the rest. The loops share the
     * connections.
     */
    @Override
    protected void startServer() throws Exception {
        HttpServerOptions options = new HttpServerOptions()
                .setMaxInitialLineLength(LINE_BYTES)
                .setMaxHeaderSize(limits.headerBytes())
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(limits.headerBytes()))
                .setMaxFormAttributeSize(configuration.getMaxBodySize().intValue())
                // Unused, but checked for each request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
        certificate.ifPresent(each -> options.setSsl(true)
                .setUseAlpn(true)
                // ConnectionTimeouts sees an HTTP/2 connection only after its first frame.
                .setIdleTimeout(TLS_IDLE_MINUTES)
                .setIdleTimeoutUnit(TimeUnit.MINUTES)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(each.chain().toString())
                        .setKeyPath(each.key().toString())));
        String name = VertxPlatformHttpRouter.getRouterNameFromPort(configuration.getPort());
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(getCamelContext(), name);
        int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        getVertx()
                .deployVerticle(() -> new Loop(options, router), new DeploymentOptions().setInstances(loops))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    private final class Loop extends AbstractVerticle {

        private final HttpServerOptions options;
        private final VertxPlatformHttpRouter router;

        Loop(HttpServerOptions options, VertxPlatformHttpRouter router) {
            this.options = options;
            this.router = router;
        }

        @Override
        public void start(Promise<Void> started) {
            ConnectionTimeouts connectionTimeouts = new ConnectionTimeouts(connections, limits.connections(), (int)
                    limits.readTimeout().toSeconds());
            connectionTimeouts.attach(context);
            vertx.setPeriodic(TICK_MILLIS, tick -> connectionTimeouts.tick());
            goAways.add(() -> context.runOnContext(any -> connectionTimeouts.goAway()));
            vertx.createHttpServer(options)
                    .connectionHandler(connectionTimeouts::connected)
                    .invalidRequestHandler(FallbackHandler::refuseInvalid)
                    .requestHandler(request -> {
                        if (!connectionTimeouts.requestBegan(request)) {
                            return;
                        }
                        if (request.uri() != null && request.uri().length() > LINE_BYTES) {
                            // Netty checks this only for HTTP/1.1.
                            FallbackHandler.refuse(request, FallbackHandler.URI_TOO_LONG);
                        } else if (RequestFraming.isAmbiguous(request)) {
                            connectionTimeouts.ignoreFurtherRequests(request.connection());
                            FallbackHandler.refuse(request, FallbackHandler.MALFORMED);
                        } else {
                            normalizeMediaType(request.headers());
                            router.handle(request);
                        }
                    })
                    .listen(configuration.getBindPort(), configuration.getBindHost())
                    .onSuccess(servers::add)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    /**
     * Converts a request's media type to lower case without spaces, and keeps its parameters: Vert.x compares it
     * literally, but RFC 9110 ignores case and allows spaces before a parameter.
     */
    private static void normalizeMediaType(MultiMap headers) {
        String given = headers.get(HttpHeaders.CONTENT_TYPE);
        if (given != null) {
            int semicolon = given.indexOf(';');
            int end = semicolon < 0 ? given.length() : semicolon;
            String type = given.substring(0, end);
            String normal = type.strip().toLowerCase(Locale.ROOT);
            if (!normal.equals(type)) {
                headers.set(HttpHeaders.CONTENT_TYPE, normal + given.substring(end));
            }
        }
    }

    /** Asks HTTP/2 clients to send further requests over another connection; those in flight are answered. */
    public void goAway() {
        goAways.forEach(Runnable::run);
    }

    @Override
    protected void stopServer() {
        goAways.clear();
        if (!servers.isEmpty()) {
            getCamelContext().removeComponent(PlatformHttpConstants.PLATFORM_HTTP_COMPONENT_NAME);
            Future.all(servers.stream().map(HttpServer::close).toList())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(STOP_SECONDS, TimeUnit.SECONDS)
                    .exceptionally(failure -> null)
                    .join();
            servers.clear();
        }
    }

    @Override
    protected void stopVertx() {
        getVertx().close().toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public HttpServer getServer() {
        return servers.isEmpty() ? null : servers.get(0);
    }

    @Override
    public int getPort() {
        return servers.isEmpty() ? configuration.getBindPort() : servers.get(0).actualPort();
    }
}
