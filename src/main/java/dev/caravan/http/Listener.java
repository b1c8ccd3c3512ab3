package dev.caravan.http;

import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;

/**
 * Camel's HTTP server with the limits that Camel does not set: an idle connection ends, a form's field may be as long as a
 * body may, and a port that cannot be listened on fails the start instead of being a line in the log.
 */
public final class Listener extends VertxPlatformHttpServer {

    private static final int IDLE_SECONDS = 60;
    private static final long STOP_SECONDS = 10;

    private final VertxPlatformHttpServerConfiguration configuration;
    private HttpServer server;

    public Listener(VertxPlatformHttpServerConfiguration configuration) {
        super(configuration);
        this.configuration = configuration;
    }

    @Override
    protected void startServer() throws Exception {
        HttpServerOptions options = new HttpServerOptions()
                .setIdleTimeout(IDLE_SECONDS)
                .setMaxFormAttributeSize(configuration.getMaxBodySize().intValue());
        String router = VertxPlatformHttpRouter.getRouterNameFromPort(configuration.getPort());
        server = getVertx()
                .createHttpServer(options)
                .requestHandler(VertxPlatformHttpRouter.lookup(getCamelContext(), router))
                .listen(configuration.getBindPort(), configuration.getBindHost())
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    @Override
    protected void stopServer() {
        if (server != null) {
            getCamelContext().removeComponent(PlatformHttpConstants.PLATFORM_HTTP_COMPONENT_NAME);
            server.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(STOP_SECONDS, TimeUnit.SECONDS)
                    .exceptionally(failure -> null)
                    .join();
            server = null;
        }
    }

    @Override
    protected void stopVertx() {
        getVertx().close().toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public HttpServer getServer() {
        return server;
    }

    @Override
    public int getPort() {
        return server == null ? configuration.getBindPort() : server.actualPort();
    }
}
