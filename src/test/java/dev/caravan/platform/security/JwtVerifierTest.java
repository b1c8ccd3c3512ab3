package dev.caravan.platform.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.caravan.platform.edge.ProblemException;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtVerifierTest {

    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "caravan";
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef-shared".getBytes(UTF_8);

    private static RSAKey rsa;
    private static RSAKey foreign;
    private static ECKey ec;

    @TempDir
    Path folder;

    @BeforeAll
    static void generate() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        foreign = new RSAKeyGenerator(2048).keyID("rsa").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    void acceptsRsaSignatures(String algorithm) throws Exception {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.parse(algorithm))
                .keyID("rsa")
                .build();

        assertThat(jwkSet().verify(signed(header, claims().build(), new RSASSASigner(rsa))))
                .contains(new Caller(2, Set.of("operator")));
    }

    @Test
    void acceptsEllipticCurveSignatures() throws Exception {
        assertThat(jwkSet().verify(ecSigned(claims().build()))).isPresent();
    }

    @Test
    void skipsKeysOfOtherCurves() throws Exception {
        ECKey other = new ECKeyGenerator(Curve.P_384).generate();
        String token = signed(new JWSHeader(JWSAlgorithm.ES256), claims().build(), new ECDSASigner(ec));

        assertThat(jwt(Keys.ofFile(written(pem(other.toPublicKey()) + pem(ec.toPublicKey()))))
                        .verify(token))
                .isPresent();
    }

    @Test
    void acceptsTokensWithoutAKeyId() throws Exception {
        assertThat(jwkSet().verify(signed(new JWSHeader(JWSAlgorithm.RS256), claims().build(), new RSASSASigner(rsa))))
                .isPresent();
    }

    @Test
    void pemKeysMatchAnyKeyId() throws Exception {
        JwtVerifier pem = jwt(Keys.ofFile(written(pem(rsa.toPublicKey()) + pem(ec.toPublicKey()))));

        assertThat(pem.verify(signed(claims().build()))).isPresent();
        assertThat(pem.verify(ecSigned(claims().build()))).isPresent();
        assertThat(pem.verify(signed(header(), claims().build(), new RSASSASigner(foreign))))
                .isEmpty();
    }

    @Test
    void acceptsASingleJwkAndAccessTokens() throws Exception {
        JwtVerifier one = jwt(Keys.ofFile(written(rsa.toPublicJWK().toJSONString())));
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa")
                .type(new JOSEObjectType("at+jwt"))
                .build();

        assertThat(one.verify(signed(header, claims().build(), new RSASSASigner(rsa))))
                .isPresent();
    }

    @Test
    void sharedSecretAcceptsOnlyItsOwnHs256Signatures() throws Exception {
        JwtVerifier shared = jwt(Keys.ofSecret(written(new String(SECRET, UTF_8) + "\n")));

        assertThat(shared.verify(signed(new JWSHeader(JWSAlgorithm.HS256), claims().build(), new MACSigner(SECRET))))
                .isPresent();
        assertThat(shared.verify(signed(
                        new JWSHeader(JWSAlgorithm.HS256),
                        claims().build(),
                        new MACSigner("another-secret-another-secret-another"))))
                .isEmpty();
        assertThat(shared.verify(signed(
                        new JWSHeader(JWSAlgorithm.HS512),
                        claims().build(),
                        new MACSigner(new String(SECRET, UTF_8) + "x".repeat(40)))))
                .isEmpty();
        assertThat(shared.verify(signed(claims().build()))).isEmpty();
    }

    static Stream<Arguments> refused() throws Exception {
        RSASSASigner signer = new RSASSASigner(rsa);
        JWTClaimsSet right = claims().build();
        String signed = signed(right);
        String[] parts = signed.split("\\.");
        String others = signed(claims().subject("1").build()).split("\\.")[1];
        String none = Base64URL.encode("{\"alg\":\"none\"}").toString();
        byte[] pem = pem(rsa.toPublicKey()).getBytes(UTF_8);
        return Stream.of(
                Arguments.of("no signature", new PlainJWT(right).serialize()),
                Arguments.of("alg none with a signature", none + "." + parts[1] + "." + parts[2]),
                Arguments.of("without its signature", parts[0] + "." + parts[1] + "."),
                Arguments.of("with the claims of another token", parts[0] + "." + others + "." + parts[2]),
                Arguments.of("HS256 with the public key, as PEM", signed(hs256(), right, new MACSigner(pem))),
                Arguments.of(
                        "HS256 with the public key, stripped",
                        signed(hs256(), right, new MACSigner(new String(pem, UTF_8).strip()))),
                Arguments.of(
                        "HS256 with the public key, as DER",
                        signed(hs256(), right, new MACSigner(rsa.toPublicKey().getEncoded()))),
                Arguments.of(
                        "HS256 with the public key, as JSON",
                        signed(hs256(), right, new MACSigner(rsa.toPublicJWK().toJSONString()))),
                Arguments.of("signed with another key", signed(header(), right, new RSASSASigner(foreign))),
                Arguments.of(
                        "signed with a key in its header",
                        signed(
                                new JWSHeader.Builder(JWSAlgorithm.RS256)
                                        .jwk(foreign.toPublicJWK())
                                        .build(),
                                right,
                                new RSASSASigner(foreign))),
                Arguments.of(
                        "unknown key id",
                        signed(
                                new JWSHeader.Builder(JWSAlgorithm.RS256)
                                        .keyID("other")
                                        .build(),
                                right,
                                signer)),
                Arguments.of("expired", signed(claims().expirationTime(in(-31)).build())),
                Arguments.of("no expiry", signed(claims().expirationTime(null).build())),
                Arguments.of(
                        "not valid yet", signed(claims().notBeforeTime(in(60)).build())),
                Arguments.of(
                        "another issuer",
                        signed(claims().issuer("https://other.example").build())),
                Arguments.of("no issuer", signed(claims().issuer(null).build())),
                Arguments.of(
                        "another audience", signed(claims().audience("other").build())),
                Arguments.of(
                        "no audience", signed(claims().audience((String) null).build())),
                Arguments.of(
                        "another type",
                        signed(
                                new JWSHeader.Builder(JWSAlgorithm.RS256)
                                        .type(new JOSEObjectType("logout+jwt"))
                                        .build(),
                                right,
                                signer)),
                Arguments.of(
                        "unknown critical extension",
                        signed(
                                new JWSHeader.Builder(JWSAlgorithm.RS256)
                                        .criticalParams(Set.of("x"))
                                        .customParam("x", "y")
                                        .build(),
                                right,
                                signer)),
                Arguments.of("not JSON", "a.b.c"),
                Arguments.of("empty parts", ".."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void rejects(String reason, String token) throws Exception {
        JwtVerifier jwtVerifier = jwkSet();

        assertThat(jwtVerifier.verify(signed(claims().build())))
                .as("a valid token")
                .isPresent();
        assertThat(jwtVerifier.verify(token)).isEmpty();
    }

    @Test
    void toleratesSmallClockDifferences() throws Exception {
        assertThat(jwkSet().verify(signed(
                        claims().expirationTime(in(-10)).notBeforeTime(in(10)).build())))
                .isPresent();
    }

    @Test
    void cachedTokensExpire() throws Exception {
        AtomicLong now = new AtomicLong(System.currentTimeMillis());
        JwtVerifier jwtVerifier =
                new JwtVerifier(Keys.ofFile(written(publicKeys())), ISSUER, AUDIENCE, "sub", "roles", now::get);
        String token = signed(claims().build());

        assertThat(jwtVerifier.verify(token)).isPresent();
        now.addAndGet(Duration.ofSeconds(600).toMillis());
        assertThat(jwtVerifier.cached(token)).as("within the leeway").isPresent();
        now.addAndGet(Duration.ofSeconds(31).toMillis());
        assertThat(jwtVerifier.cached(token)).isEmpty();
        assertThat(jwtVerifier.verify(token)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"7, '', 7", "-1, '', -1", "-9223372036854775808, '', -", "-9223372036854775808, billing, billing"})
    void scopeIsTheUserOrTheSubject(long user, String subject, String scope) {
        assertThat(new Caller(user, Set.of(), subject).scope()).isEqualTo(scope);
    }

    @Test
    void hashesSubjectsThatAreNotValidScopes() {
        for (String subject : new String[] {"-1", "a@b", "é", "x".repeat(65)}) {
            assertThat(new Caller(Caller.NO_USER, Set.of(), subject).scope()).matches("sha256-[0-9a-f]{48}");
        }
    }

    static Stream<Arguments> callers() {
        return Stream.of(
                Arguments.of("sub", "roles", claims().subject("7"), new Caller(7, Set.of("operator"))),
                Arguments.of(
                        "sub",
                        "roles",
                        claims().subject("f3b1-uuid").claim("roles", List.of("system")),
                        new Caller(Caller.NO_USER, Set.of("system"), "f3b1-uuid")),
                Arguments.of(
                        "sub", "roles", claims().subject("-1"), new Caller(Caller.NO_USER, Set.of("operator"), "-1")),
                Arguments.of(
                        "user_id",
                        "scope",
                        claims().claim("user_id", 9).claim("scope", "operator system"),
                        new Caller(9, Set.of("operator", "system"))),
                Arguments.of(
                        "sub",
                        "realm_access.roles",
                        claims().claim("realm_access", Map.of("roles", List.of("system", 1))),
                        new Caller(2, Set.of("system"))),
                Arguments.of(
                        "sub",
                        "https://a.example/roles",
                        claims().claim("https://a.example/roles", List.of("system")),
                        new Caller(2, Set.of("system"))),
                Arguments.of("sub", "none", claims(), new Caller(2, Set.of())),
                Arguments.of("sub", "roles", claims().claim("roles", 5), new Caller(2, Set.of())));
    }

    @ParameterizedTest(name = "{0}, {1}: {3}")
    @MethodSource("callers")
    void readsTheCallerFromTheClaims(String user, String roles, JWTClaimsSet.Builder claims, Caller caller)
            throws Exception {
        JwtVerifier jwtVerifier = new JwtVerifier(Keys.ofFile(written(publicKeys())), ISSUER, AUDIENCE, user, roles);

        assertThat(jwtVerifier.verify(signed(claims.build()))).contains(caller);
    }

    @Test
    void refetchesPublishedKeysForUnknownKeysAtALimitedRate() throws Exception {
        AtomicReference<String> published = new AtomicReference<>();
        AtomicInteger fetches = new AtomicInteger();
        try (Keys keys = Keys.ofUrl(
                new URL("https://issuer.example/keys"),
                url -> {
                    fetches.incrementAndGet();
                    if (published.get() == null) {
                        throw new IOException("unavailable");
                    }
                    return new Resource(published.get(), null);
                },
                Duration.ofSeconds(1),
                Duration.ofMillis(100))) {
            JwtVerifier jwtVerifier = jwt(keys);
            String token = signed(claims().build());

            assertThat(catchThrowableOfType(ProblemException.class, () -> jwtVerifier.verify(token))
                            .status())
                    .as("before the first answer")
                    .isEqualTo(503);
            published.set(new JWKSet(ec).toString());
            await().ignoreExceptionsInstanceOf(ProblemException.class)
                    .untilAsserted(() -> assertThat(jwtVerifier.verify(token))
                            .as("another key")
                            .isEmpty());
            jwtVerifier.refresh();
            int before = fetches.get();
            for (int i = 0; i < 1_000; i++) {
                assertThat(jwtVerifier.verify(token)).isEmpty();
            }
            assertThat(fetches).as("unknown keys do not fetch each time").hasValueLessThan(before + 100);

            published.set(new JWKSet(List.of(ec, rsa)).toString());
            await().ignoreExceptionsInstanceOf(ProblemException.class)
                    .untilAsserted(() -> assertThat(jwtVerifier.verify(token))
                            .as("its key was published")
                            .isPresent());
            jwtVerifier.refresh();
            assertThat(jwtVerifier.verify(token)).isPresent();
            assertThat(jwtVerifier.cached(token)).isPresent();

            published.set(null);
            int outage = fetches.get();
            await().until(() -> {
                jwtVerifier.refresh();
                return fetches.get() > outage + 2;
            });
            assertThat(jwtVerifier.cached(token))
                    .as("while the issuer is unavailable")
                    .isPresent();

            published.set(new JWKSet(ec).toString());
            await().untilAsserted(() -> {
                jwtVerifier.refresh();
                assertThat(jwtVerifier.cached(token))
                        .as("its key was withdrawn")
                        .isEmpty();
            });
            assertThat(jwtVerifier.verify(token)).isEmpty();
        }
    }

    @Test
    void ignoresWeakPublishedKeys() throws Exception {
        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("rsa").generate();
        RSASSASigner signer = new RSASSASigner(weak.toPrivateKey(), true);
        try (Keys keys = Keys.ofUrl(
                new URL("https://issuer.example/keys"),
                url -> new Resource(new JWKSet(weak).toString(), null),
                Duration.ofMinutes(1),
                Duration.ofMillis(100))) {
            assertThat(jwt(keys).verify(signed(header(), claims().build(), signer)))
                    .isEmpty();
        }
    }

    @Test
    void ignoresSecretsAmongPublishedKeys() {
        String secret = new OctetSequenceKey.Builder(SECRET).build().toJSONString();

        assertThatThrownBy(() -> Keys.read(("{\"keys\":[" + secret + "]}").getBytes(UTF_8)))
                .hasMessage("it holds no public key");
        assertThatThrownBy(() -> Keys.read(secret.getBytes(UTF_8))).hasMessage("it holds no public key");
    }

    @Test
    void invalidKeyErrorsDoNotRevealTheKey() throws Exception {
        RSAKey weak = new RSAKeyGenerator(1024, true).generate();

        assertThatThrownBy(() -> Keys.ofFile(written(pem(weak.toPublicKey()))))
                .hasMessage("AUTH_JWT_KEYS: it holds an RSA key of less than 2048 bits");
        assertThatThrownBy(() -> Keys.ofFile(written("hunter2"))).hasMessage("AUTH_JWT_KEYS: it holds no public key");
        assertThatThrownBy(() -> Keys.ofFile(written("{hunter2}")))
                .hasMessage("AUTH_JWT_KEYS: it is neither a PEM public key nor a certificate nor a JWK Set");
        assertThatThrownBy(() -> Keys.ofSecret(written("hunter2")))
                .hasMessage("AUTH_JWT_SECRET_FILE: a shared secret is 32 bytes or more");
        assertThatThrownBy(() -> Keys.ofSecret(written(pem(rsa.toPublicKey()))))
                .hasMessageContaining("a key of another kind");
    }

    private JwtVerifier jwkSet() throws Exception {
        return jwt(Keys.ofFile(written(publicKeys())));
    }

    private static String publicKeys() {
        return new JWKSet(List.of(rsa, ec)).toString();
    }

    private static JwtVerifier jwt(Keys keys) {
        return new JwtVerifier(keys, ISSUER, AUDIENCE, "sub", "roles");
    }

    private Path written(String text) throws IOException {
        return Files.writeString(folder.resolve("keys"), text);
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(List.of("other", AUDIENCE))
                .subject("2")
                .claim("roles", List.of("operator"))
                .expirationTime(in(600));
    }

    private static Date in(int seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static JWSHeader header() {
        return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build();
    }

    private static JWSHeader hs256() {
        return new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build();
    }

    private static String signed(JWTClaimsSet claims) throws Exception {
        return signed(header(), claims, new RSASSASigner(rsa));
    }

    private static String ecSigned(JWTClaimsSet claims) throws Exception {
        return signed(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build(), claims, new ECDSASigner(ec));
    }

    private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer) throws Exception {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
