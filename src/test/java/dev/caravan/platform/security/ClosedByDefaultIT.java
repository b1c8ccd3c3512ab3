package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With authentication on, every endpoint of the business port needs a token, whatever kind of route serves it. */
class ClosedByDefaultIT {

    private static final String OWN_ROUTES =
            """
            - rest:
                path: /own-rest
                get:
                  - id: own-rest-get
                    to: direct:own-rest
                  - id: own-rest-get-one
                    path: /{name}/more
                    to: direct:own-rest-one
            - route:
                id: own-rest
                from: { uri: "direct:own-rest", steps: [ setBody: { constant: secret } ] }
            - route:
                id: own-rest-one
                group: own
                from: { uri: "direct:own-rest-one", steps: [ setBody: { constant: secret } ] }
            - route:
                id: own-plain
                from: { uri: "platform-http:/own-plain", steps: [ setBody: { constant: secret } ] }
            - route:
                id: own-tree
                from:
                  uri: "platform-http:/own-tree"
                  parameters: { matchOnUriPrefix: true }
                  steps: [ setBody: { simple: "secret of ${exchangeProperty.CaravanWho}" } ]
            - route:
                id: own-stream
                routeConfigurationId: http
                from: { uri: "sse:/own-stream", steps: [ setBody: { constant: secret } ] }
            - route:
                id: own-operators
                group: routes
                from: { uri: "platform-http:/own-operators", steps: [ setBody: { constant: secret } ] }
            - route:
                id: own-public
                from: { uri: "platform-http:/own-public", steps: [ setBody: { simple: "open to ${exchangeProperty.CaravanWho}" } ] }
            - route:
                id: own-public-operators
                group: routes
                from: { uri: "platform-http:/open/operators", steps: [ setBody: { constant: secret } ] }
            """;

    private static final String LATER_ROUTE =
            """
            - route:
                id: own-later
                from: { uri: "platform-http:/own-later", steps: [ setBody: { constant: secret } ] }
            """;

    @TempDir
    static Path folder;

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (var shipped = Files.list(Path.of("src/main/resources/routes"))) {
            for (Path file : shipped.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(routes.resolve("own.camel.yaml"), OWN_ROUTES);
        program = Program.start(Map.of(
                "routes.dir", routes.toString(),
                "auth.enabled", "true",
                "auth.tokens", "plain-user=1, boss=2:operator",
                "auth.public", "/own-public, /open/*"));
        VertxPlatformHttpRouter router = VertxPlatformHttpRouter.lookup(
                program.caravan().context(),
                VertxPlatformHttpRouter.getRouterNameFromPort(program.http().port()));
        router.route("/late/*").order(-100).handler(request -> request.response()
                .end("secret"));
        Files.writeString(routes.resolve("later.camel.yaml"), LATER_ROUTE);
        await().untilAsserted(
                        () -> assertThat(get("/own-later", "boss").status()).isEqualTo(200));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/own-rest",
                "/own-rest/a/more",
                "/own-plain",
                "/own-plain/",
                "/own-plain/below",
                "/own-tree",
                "/own-tree/a/b",
                "/own-stream",
                "/own-stream?ticket=x",
                "/own-operators",
                "/own-later",
                "/late/a",
                "/own-public/below",
                "/own-publicly",
                "/open/../own-plain",
                "/open/%2e%2e/own-plain",
                "/openapi",
                "/",
                "/no-such-path",
                "/order/1",
                "/api/v1/comments"
            })
    void needsAToken(String path) {
        for (String method : new String[] {"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"}) {
            Answer without = program.http().send(method, path, null, Map.of());
            Answer wrong = program.http().send(method, path, null, Map.of("Authorization", "wrong"));

            assertThat(without.status()).as("%s %s", method, path).isEqualTo(401);
            assertThat(without.body()).as("%s %s", method, path).doesNotContain("secret");
            assertThat(without.header("WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(wrong.status()).as("%s %s", method, path).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/own-rest, secret",
        "/own-rest/a/more, secret",
        "/own-plain, secret",
        "/own-tree/a/b, secret of user 1",
        "/late/a, secret"
    })
    void routesWithoutARoleAcceptAnyToken(String path, String body) {
        Answer answer = get(path, "plain-user");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/own-operators", "/api/v1/routes"})
    void groupsDecideTheRequiredRole(String path) {
        assertThat(get(path, "plain-user").status()).isEqualTo(403);
        assertThat(get(path, "boss").status()).isEqualTo(200);
    }

    @Test
    void publicPathsKnowCallersWithAToken() {
        assertThat(program.http().get("/own-public").body()).isEqualTo("open to anonymous");
        assertThat(get("/own-public", "boss").body()).isEqualTo("open to user 2");
        assertThat(get("/own-public", "wrong").status()).isEqualTo(401);
    }

    @Test
    void publicPathsDoNotGrantRoles() {
        assertThat(program.http().get("/open/operators").status()).isEqualTo(403);
        assertThat(get("/open/operators", "boss").status()).isEqualTo(200);
    }

    @Test
    void unknownPathsBelowPublicOnesAreNotFound() {
        assertThat(program.http()
                        .send(HttpMethod.GET.name(), "/open/nothing", null, Map.of())
                        .status())
                .isEqualTo(404);
    }

    private static Answer get(String path, String token) {
        return program.http().send("GET", path, null, Map.of("Authorization", token));
    }
}
