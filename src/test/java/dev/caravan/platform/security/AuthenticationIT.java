package dev.caravan.platform.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Authentication, roles and limits: one program with tokens, a token file, an issuer and small limits. */
class AuthenticationIT {

    private static final String MESSAGE = "fromID=1&toID=2&message=hello";
    private static final String ORIGIN = "https://app.example";
    private static final String UNFINISHED = "POST /order HTTP/1.1\r\nHost: caravan\r\nAuthorization: planted-token\r\n"
            + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    private static final String JAAS = "org.apache.kafka.common.security.plain.PlainLoginModule required"
            + " username=\"planted-user\" password=\"planted-jaas\";";
    private static final int REQUESTS = 20;
    private static final int CONNECTIONS = 100;
    private static final int RATE = 100;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

    private static Program program;
    private static HttpServer issuer;
    private static RSAKey key;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] keys = new JWKSet(key).toString().getBytes(UTF_8);
        issuer.createContext("/keys", call -> {
            call.sendResponseHeaders(200, keys.length);
            call.getResponseBody().write(keys);
            call.close();
        });
        issuer.start();
        Files.writeString(folder.resolve("tokens"), Tokens.hashed("filed") + "=3\n");
        program = Program.start(Map.ofEntries(
                Map.entry("auth.enabled", "true"),
                Map.entry("auth.public", "/openapi,/api/v1/comments"),
                Map.entry(
                        "auth.tokens",
                        "valid-token=1, tito=2:user, machine=9:system+operator, loud=4, planted-token=3"),
                Map.entry("hawtio.dir", "src/test/resources/hawtio"),
                Map.entry("database.password", "planted-password"),
                Map.entry("kafka.sasl.jaas.config", JAAS),
                Map.entry("kafka.ssl.truststore.password", "planted-truststore"),
                Map.entry("auth.tokens.file", folder.resolve("tokens").toString()),
                Map.entry("auth.jwt.issuer", "https://issuer.example"),
                Map.entry("auth.jwt.audience", "caravan"),
                Map.entry(
                        "auth.jwt.keys",
                        "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys"),
                Map.entry("http.cors.origins", ORIGIN),
                Map.entry("http.max.connections", Integer.toString(CONNECTIONS)),
                Map.entry("http.max.requests", Integer.toString(REQUESTS)),
                Map.entry("http.rate", Integer.toString(RATE)),
                Map.entry("http.read.timeout", "6s")));
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
        issuer.stop(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid-token", "Bearer valid-token", "bearer valid-token"})
    void acceptsBareTokensAndBearerTokens(String authorization) {
        assertThat(send("/send", MESSAGE, authorization).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "wrong",
                "Bearer",
                "Bearer wrong",
                "Bearer  valid-token",
                "Bearer\tvalid-token",
                "Bearervalid-token",
                "Bearer Bearer valid-token",
                "Basic valid-token",
                "Token valid-token",
                "valid-token valid-token",
                "valid-token, valid-token",
                "\"valid-token\"",
                "valid-tokeN",
                "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
                "a.b.c"
            })
    void rejectsOtherAuthorizationsWithTheSameBody(String authorization) {
        Answer refused = send("/send", MESSAGE, authorization);
        Answer without = send("/send", MESSAGE, null);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("message").asText()).isEqualTo("Unauthorized");
        assertThat(refused.body()).isEqualTo(without.body());
        assertThat(refused.headers().keySet()).isEqualTo(without.headers().keySet());
    }

    @Test
    void rejectsTwoAuthorizationHeaders() {
        String request = "GET /notifications/1 HTTP/1.1\r\nHost: caravan\r\nConnection: close\r\n"
                + "Authorization: valid-token\r\n%s\r\n\r\n";

        assertThat(raw(request.formatted("X: y"))).startsWith("HTTP/1.1 200 ");
        assertThat(raw(request.formatted("authorization: valid-token")))
                .startsWith("HTTP/1.1 401 ")
                .endsWith(send("/send", MESSAGE, null).body());
        assertThat(raw(request.formatted("Authorization: wrong"))).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void ignoresTokensInTheQuery() {
        assertThat(get("/notifications/1?Authorization=valid-token", null).status())
                .isEqualTo(401);
        assertThat(get("/notifications/1?authorization=wrong", "valid-token").status())
                .isEqualTo(200);
    }

    @Test
    void authenticatesBeforeValidating() {
        assertThat(send("/send", "nothing=right", null).status()).isEqualTo(401);
        assertThat(program.http().get("/notifications/99").status()).isEqualTo(401);
    }

    @Test
    void publicPathsNeedNoToken() {
        assertThat(program.http().postForm("/api/v1/comments", "text=open").status())
                .isEqualTo(200);
    }

    @Test
    void usersReadOnlyTheirOwnInbox() {
        assertThat(get("/notifications/1", "valid-token").status()).isEqualTo(200);
        Answer foreign = get("/notifications/2", "valid-token");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(get("/notifications/99", "valid-token").body()).isEqualTo(foreign.body());
        assertThat(get("/notifications/2", "machine").status()).isEqualTo(200);
        assertThat(get("/notifications/99", "machine").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /notifications/%d",
        "GET, /notifications/%d?limit=x",
        "GET, /notifications/%d/count",
        "POST, /notifications/%d/read",
        "POST, /notifications/%d/5/read"
    })
    void answersDoNotRevealWhetherAnotherUserExists(String method, String path) {
        Map<String, String> token = Map.of("Authorization", "valid-token");
        Answer known = program.http().send(method, path.formatted(2), null, token);
        Answer unknown = program.http().send(method, path.formatted(99), null, token);

        assertThat(known.status()).isEqualTo(403);
        assertThat(unknown.status()).isEqualTo(403);
        assertThat(unknown.body()).isEqualTo(known.body());
        assertThat(unknown.headers().keySet()).isEqualTo(known.headers().keySet());
    }

    @Test
    void usersSendOnlyInTheirOwnName() {
        Answer refused = send("/send", MESSAGE, "tito");
        assertThat(refused.status()).isEqualTo(403);
        for (String foreign : new String[] {"99", "-9223372036854775808", "9223372036854775807"}) {
            Answer unknown = send("/send", "fromID=" + foreign + "&toID=2&message=hello", "tito");
            assertThat(unknown.status()).as(foreign).isEqualTo(403);
            assertThat(unknown.body()).isEqualTo(refused.body());
        }
        assertThat(send("/send", MESSAGE, "machine").status()).isEqualTo(200);
    }

    @Test
    void routesRequireTheRoleOperator() {
        assertThat(get("/api/v1/routes", "valid-token").status()).isEqualTo(403);
        assertThat(get("/api/v1/flow/stream", "valid-token").status()).isEqualTo(403);
        assertThat(send("/api/v1/routes/orders-find/suspend", "", "valid-token").status())
                .isEqualTo(403);
        assertThat(send("/api/v1/routes/no-such-route/suspend", "", "valid-token")
                        .status())
                .isEqualTo(403);
        assertThat(get("/api/v1/routes", "machine").status()).isEqualTo(200);
    }

    @Test
    void tokensDoNotReachRecords() {
        Answer sent = send("/send", MESSAGE, "Bearer machine");

        var record = program.records()
                .withMessageId("notifications", sent.header("Message-ID") + "@9")
                .get(0);
        assertThat(record.headers()).doesNotContainKey("Authorization").containsKey("MessageID");
        assertThat(record.headers().toString() + record.text()).doesNotContain("machine");
    }

    @Test
    void acceptsJsonWebTokensOfTheIssuer() throws Exception {
        String token = jwt("2", List.of());

        await().untilAsserted(() ->
                assertThat(get("/notifications/2", "Bearer " + token).status()).isEqualTo(200));
        assertThat(get("/notifications/1", "Bearer " + token).status()).isEqualTo(403);
        assertThat(get("/api/v1/routes", "Bearer " + jwt("service", List.of("operator")))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void reloadsTheTokenFile() throws IOException {
        assertThat(get("/notifications/3", "filed").status()).isEqualTo(200);

        Files.writeString(folder.resolve("tokens"), "renewed=3\n");

        await().untilAsserted(() -> {
            assertThat(get("/notifications/3", "renewed").status()).isEqualTo(200);
            assertThat(get("/notifications/3", "filed").status()).isEqualTo(401);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/notifications/1",
                "//notifications/1",
                "/./notifications/1",
                "/notifications//1",
                "/notifications/1/",
                "/notifications/1/.",
                "/notifications/2/../1",
                "/x/../notifications/1",
                "/openapi/../notifications/1",
                "/openapi/%2e%2e/notifications/1",
                "/openapi/..;/notifications/1",
                "/api/v1/comments/../../../notifications/1",
                "/api/v1/comments/..%2f..%2f..%2fnotifications/1",
                "/%6eotifications/1",
                "/%6Eotifications/%31",
                "/%256eotifications/1",
                "/notifications%2f1",
                "/notifications/1;a=b",
                "/notifications;a=b/1",
                "/;/notifications/1",
                "/Notifications/1",
                "/NOTIFICATIONS/1",
                "/notifications/1%00",
                "/notifications/1%20",
                "/notifications/+1",
                "/notifications/1.json",
                "/notifications\\1",
                "/notifications/1?userID=2",
                "/notifications/1/count",
                "/notifications/1/count/",
                "/notifications/1/count/more",
                "/notifications/1%2fcount",
                "/notifications/1/read",
                "/order/1/../1",
                "/order/%2e%2e/notifications/1",
                "/api/v1/routes",
                "/api/v1/routes/",
                "//api//v1//routes",
                "/api/v1/routes;x",
                "/api/v1/comments/../routes",
                "http://caravan/notifications/1",
                "http://other/notifications/1",
                "/proxy/notifications/1",
                "*"
            })
    void noSpellingOfAPathAvoidsTheToken(String path) {
        for (String method : new String[] {"GET", "HEAD", "POST", "get"}) {
            String request = method + " " + path + " HTTP/1.1\r\nHost: caravan\r\nConnection: close\r\n"
                    + "X-Original-URL: /openapi\r\nX-Rewrite-URL: /openapi\r\nX-HTTP-Method-Override: GET\r\n"
                    + "Content-Length: 0\r\n";

            assertNothingGiven(patiently(request + "\r\n"), 401);
            String known = request + "Authorization: loud\r\n\r\n";
            String answer = patiently(known);
            // The answer to HEAD has no body to check.
            boolean bodiless = method.equals("HEAD") && status(answer) == 200;
            assertNothingGiven(bodiless ? patiently(known.replaceFirst("HEAD", "GET")) : answer, 403);
        }
    }

    /** Retries while the rate of this address is exceeded, because other tests use it too. */
    private static String patiently(String request) {
        return await().until(() -> raw(request), answer -> status(answer) != 429);
    }

    /** The API description and the paths below it are public. */
    private static void assertNothingGiven(String answer, int refused) {
        if (status(answer) == 200) {
            assertThat(answer).contains("\"openapi\" : \"3.1.0\"");
        } else {
            assertThat(status(answer)).as(answer).isIn(refused, 400, 404, 405, 501);
        }
    }

    @Test
    void rejectsTooLargeAndMalformedRequestsWithAProblem() {
        String end = " HTTP/1.1\r\nHost: caravan\r\n%s\r\n\r\n";

        assertProblem(raw("GET /openapi?x=" + "x".repeat(5_000) + end.formatted("X: y")), 414, "uri-too-long");
        assertProblem(raw("GET /openapi" + end.formatted("X: " + "x".repeat(17_000))), 431, "headers-too-large");
        assertProblem(raw("GET /openapi" + end.formatted("X: y\r\n".repeat(5_000))), 431, "headers-too-large");
        assertProblem(raw("GET /openapi HTTP/1.1\r\nHost: caravan\r\nX Y\r\n z\0\r\n\r\n"), 400, "malformed");
        assertProblem(raw("GET /order/%" + end.formatted("X: y")), 400, "malformed");
        assertProblem(raw("GET /order/1?a=%zz" + end.formatted("X: y")), 400, "malformed");
        assertProblem(
                raw("POST /order"
                        + end.formatted("Authorization: planted-token\r\nContent-Type: application/json\r\n"
                                + "Connection: close\r\nContent-Length: 9999999999")),
                413,
                "too-large");
    }

    @Test
    void rejectsIncompleteRequests() throws IOException {
        assertProblem(dripped(UNFINISHED), 408, "too-slow");
        assertThat(dripped("GET /openapi HTTP/1.1\r\nX: "))
                .as("no request at all")
                .isEmpty();
    }

    @Test
    void rejectsRequestsBeyondTheMaximumWithRetryAfter() throws IOException {
        List<Socket> held = new ArrayList<>();
        try {
            Answer refused = await().until(() -> callBeside(held), answer -> answer.status() == 503);
            assertThat(refused.header("Retry-After")).isNotNull();
            assertThat(refused.json().path("type").asText()).endsWith(":unavailable");
        } finally {
            close(held);
        }
        await().untilAsserted(() ->
                assertThat(program.http().get("/openapi").status()).isEqualTo(200));
    }

    /** Calls while other requests are incomplete. Opens new ones each time, because they time out. */
    private static Answer callBeside(List<Socket> held) throws IOException {
        close(held);
        for (int i = 0; i < REQUESTS; i++) {
            Socket socket = socket();
            write(socket, UNFINISHED);
            held.add(socket);
        }
        Answer answer = program.http().get("/openapi");
        for (int i = 0; i < REQUESTS && answer.status() != 503; i++) {
            answer = program.http().get("/openapi");
        }
        return answer;
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @Test
    void closesConnectionsBeyondTheMaximum() throws IOException {
        List<Socket> opened = new ArrayList<>();
        try {
            for (int i = 0; i <= CONNECTIONS; i++) {
                opened.add(socket());
            }
            Socket first = opened.get(0);
            write(first, "GET /openapi HTTP/1.1\r\nHost: caravan\r\nConnection: close\r\n\r\n");
            assertThat(new String(first.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 200 ");
            await().until(() -> opened.stream().skip(1).anyMatch(AuthenticationIT::isEnded));
        } finally {
            close(opened);
        }
        await().untilAsserted(
                        () -> assertThat(raw("GET /openapi HTTP/1.1\r\nHost: caravan\r\nConnection: close\r\n\r\n"))
                                .startsWith("HTTP/1.1 200 "));
    }

    @Test
    void limitsTheRateOfEachCaller() {
        String request = "GET /notifications/1 HTTP/1.1\r\nHost: caravan\r\nAuthorization: loud\r\n%s\r\n";
        String many = request.formatted("").repeat(249) + request.formatted("Connection: close\r\n");
        // The requests of one connection are answered in turn, too slowly on a busy machine. Several connections may
        // need more than one attempt, too.
        String answers =
                await().until(() -> raw(many, 4), each -> statuses(each).contains("429"));

        assertThat(statuses(answers)).hasSize(1_000).containsOnly("403", "429").contains("403");
        assertThat(answers).contains("\r\nRetry-After: 1\r\n", "urn:caravan:problem:too-many-requests");
        assertThat(get("/notifications/1", "valid-token").status()).isEqualTo(200);
    }

    private static List<String> statuses(String answers) {
        return STATUS.matcher(answers).results().map(found -> found.group(1)).toList();
    }

    @Test
    void corsAllowsOnlyListedOrigins() {
        Answer named = preflight(ORIGIN);
        assertThat(named.status()).isEqualTo(204);
        assertThat(named.header("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
        assertThat(named.header("Access-Control-Allow-Headers")).contains("Authorization");
        assertThat(named.header("Access-Control-Allow-Credentials")).isNull();

        for (String other :
                new String[] {"https://evil.example", "https://app.example.evil.example", "http://app.example", "null"
                }) {
            Answer foreign = preflight(other);
            assertThat(foreign.header("Access-Control-Allow-Origin")).as(other).isNull();
            assertThat(foreign.status()).as(other).isEqualTo(403);
        }
        String own = URI.create("http://127.0.0.1:" + port()).toString();
        assertThat(program.http()
                        .send("GET", "/openapi", null, Map.of("Origin", own))
                        .status())
                .isEqualTo(200);
        Answer read = program.http()
                .send("GET", "/notifications/1", null, Map.of("Origin", ORIGIN, "Authorization", "valid-token"));
        assertThat(read.header("Access-Control-Allow-Origin")).isEqualTo(ORIGIN);
        assertThat(read.header("Access-Control-Allow-Credentials")).isNull();
    }

    private static Answer preflight(String origin) {
        return program.http()
                .send(
                        "OPTIONS",
                        "/notifications/1",
                        null,
                        Map.of(
                                "Origin",
                                origin,
                                "Access-Control-Request-Method",
                                "GET",
                                "Access-Control-Request-Headers",
                                "authorization"));
    }

    private static String jwt(String subject, List<String> roles) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
                new JWTClaimsSet.Builder()
                        .issuer("https://issuer.example")
                        .audience("caravan")
                        .subject(subject)
                        .claim("roles", roles)
                        .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                        .build());
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    private static void assertProblem(String answer, int status, String type) {
        assertThat(status(answer)).as(answer).isEqualTo(status);
        assertThat(answer)
                .containsIgnoringCase("Content-Type: application/problem+json")
                .containsIgnoringCase("X-Content-Type-Options: nosniff")
                .containsIgnoringCase("Cache-Control: no-store")
                .contains("\"type\":\"urn:caravan:problem:" + type + "\"")
                .doesNotContain("Exception", "netty");
    }

    private static int status(String answer) {
        Matcher matcher = STATUS.matcher(answer);
        assertThat(matcher.lookingAt()).as(answer).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** Sends the same on several connections at once. */
    private static String raw(String requests, int connections) {
        return IntStream.range(0, connections)
                .mapToObj(each -> CompletableFuture.supplyAsync(() -> raw(requests), task -> new Thread(task).start()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .collect(Collectors.joining());
    }

    /** Sends exactly these characters and reads until the server closes. */
    private static String raw(String request) {
        try (Socket socket = socket()) {
            socket.setSoTimeout(20_000);
            write(socket, request);
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(request.lines().findFirst().orElse("") + ": " + e, e);
        }
    }

    /** Sends the beginning of a request, then occasional bytes until the server closes. */
    private static String dripped(String beginning) throws IOException {
        StringBuilder answer = new StringBuilder();
        byte[] bytes = new byte[1_000];
        try (Socket socket = socket()) {
            socket.setSoTimeout(100);
            write(socket, beginning);
            await().until(() -> {
                try {
                    int read = socket.getInputStream().read(bytes);
                    answer.append(new String(bytes, 0, Math.max(0, read), ISO_8859_1));
                    return read < 0;
                } catch (SocketTimeoutException e) {
                    write(socket, "x");
                    return false;
                } catch (SocketException e) {
                    return true;
                }
            });
        }
        return answer.toString();
    }

    private static boolean isEnded(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static Socket socket() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port());
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static int port() {
        return Integer.parseInt(program.caravan().context().resolvePropertyPlaceholders("{{http.port}}"));
    }

    private static Answer send(String path, String form, String authorization) {
        Map<String, String> type = Map.of("Content-Type", "application/x-www-form-urlencoded");
        return program.http()
                .send(
                        "POST",
                        path,
                        form,
                        authorization == null
                                ? type
                                : Map.of(
                                        "Content-Type",
                                        "application/x-www-form-urlencoded",
                                        "Authorization",
                                        authorization));
    }

    private static Answer get(String path, String authorization) {
        return program.http()
                .send("GET", path, null, authorization == null ? Map.of() : Map.of("Authorization", authorization));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/observe/health/live", "/observe/health/ready", "/observe/health/startup", "/observe/metrics"})
    void probesAndMetricsNeedNoToken(String path) {
        assertThat(program.management().get(path).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/observe/health", "/jolokia", "/hawtio/", "/hawtio/orders", "/hawtio/user"})
    void otherManagementPathsRequireTheRoleOperator(String path) {
        assertThat(program.management().get(path).header("WWW-Authenticate")).startsWith("Basic ");
        assertThat(manage(path, "wrong").status()).isEqualTo(401);
        assertThat(manage(path, "valid-token").status()).isEqualTo(403);
        assertThat(manage(path, "Bearer machine").status()).isEqualTo(200);
        assertThat(manage(path, "Basic " + base64("anybody:machine")).status()).isEqualTo(200);
        assertThat(manage(path, "Basic " + base64("machine:")).status()).isEqualTo(401);
        assertThat(manage(path, "Basic ?").status()).isEqualTo(401);
    }

    @Test
    void hawtioLoadsNothingFromOtherHosts() {
        assertThat(manage("/hawtio/", "Bearer machine").header("Content-Security-Policy"))
                .startsWith("default-src 'self' ")
                .doesNotContain("http");
        assertThat(manage("/hawtio/static/js/240.f213504c.chunk.js", "Bearer machine")
                        .body())
                .contains("\"/hawtio/vs\"");
        assertThat(manage("/hawtio/vs/loader.js", "Bearer machine").status()).isEqualTo(200);
    }

    @Test
    void browsersCacheOnlyImmutableHawtioFiles() {
        assertThat(manage("/hawtio/", "Bearer machine").header("Cache-Control")).isEqualTo("no-cache");
        assertThat(manage("/hawtio/static/js/240.f213504c.chunk.js", "Bearer machine")
                        .header("Cache-Control"))
                .contains("immutable");
    }

    @Test
    void jolokiaRequiresTheRoleOperator() {
        String stop =
                "{\"type\":\"exec\",\"mbean\":\"org.apache.camel:context=caravan,type=routes,name=\\\"orders-find\\\"\",\"operation\":\"stop()\"}";

        assertThat(program.management().postJson("/jolokia", stop).status()).isEqualTo(401);
        assertThat(program.management()
                        .send("POST", "/jolokia", stop, Map.of("Authorization", "valid-token"))
                        .status())
                .isEqualTo(403);
        assertThat(program.caravan()
                        .context()
                        .getRouteController()
                        .getRouteStatus("orders-find")
                        .isStarted())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.camel:*",
                "java.lang:*",
                "java.nio:*",
                "com.zaxxer.hikari:*",
                "kafka.consumer:*",
                "kafka.producer:*",
                "kafka.admin.client:*",
                "kafka.server:type=app-info,*",
                "kafka.server:type=KafkaServer,*"
            })
    void jolokiaRevealsNoSecret(String names) {
        Answer all = program.management()
                .send(
                        "POST",
                        "/jolokia?ignoreErrors=true",
                        "{\"type\":\"read\",\"mbean\":\"" + names + "\"}",
                        Map.of("Authorization", "machine"));

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.json().path("status").asInt()).isIn(200, 404);
        assertThat(all.body()).doesNotContain("planted");
    }

    private static Answer manage(String path, String authorization) {
        return program.management()
                .send(
                        "GET",
                        path,
                        null,
                        Map.of("Authorization", authorization, "Accept", "text/html,application/json"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
