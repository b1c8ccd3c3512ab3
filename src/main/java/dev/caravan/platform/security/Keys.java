package dev.caravan.platform.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.jose.util.health.HealthReport;
import com.nimbusds.jose.util.health.HealthStatus;
import dev.caravan.platform.context.ReloadingFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that verify JSON Web Tokens: either public keys or one shared secret, so that a public key can never be used
 * as a secret.
 */
abstract class Keys implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Keys.class);
    private static final Set<JWSAlgorithm> PUBLIC_KEY_ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Set<JWSAlgorithm> SECRET_ALGORITHMS = Set.of(JWSAlgorithm.HS256);
    private static final int MIN_RSA_BITS = 2048;
    private static final int MIN_SECRET_BYTES = 32;

    /** Maximum number of keys tried for one token. */
    private static final int MAX_TRIED_KEYS = 5;

    private static final int FETCH_TIMEOUT_MILLIS = 2_000;
    private static final int FETCH_MAX_BYTES = 1 << 20;

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([^-]+)-----END \\1-----");

    private final Set<JWSAlgorithm> algorithms;

    private Keys(Set<JWSAlgorithm> algorithms) {
        this.algorithms = algorithms;
    }

    /** The current key set: a new object after each change; null before the first fetch. */
    abstract JWKSet current();

    /** The keys for a verification. May block on the network. */
    abstract JWKSource<SecurityContext> source();

    /** Called each second on a thread that may block. */
    abstract void refresh();

    @Override
    public void close() {}

    /** @throws IllegalArgumentException naming the setting and the error */
    static Keys ofFile(Path path) {
        return new InFile(PUBLIC_KEY_ALGORITHMS, new ReloadingFile<>("AUTH_JWT_KEYS", path, Keys::read));
    }

    /** @throws IllegalArgumentException naming the setting and the error */
    static Keys ofSecret(Path path) {
        return new InFile(SECRET_ALGORITHMS, new ReloadingFile<>("AUTH_JWT_SECRET_FILE", path, Keys::secret));
    }

    /** A JWK Set that an issuer publishes. */
    static Keys ofUrl(URL url) {
        return ofUrl(
                url,
                new DefaultResourceRetriever(FETCH_TIMEOUT_MILLIS, FETCH_TIMEOUT_MILLIS, FETCH_MAX_BYTES),
                Duration.ofMinutes(5),
                Duration.ofSeconds(10));
    }

    /**
     * @param lifetime time until the set is fetched again
     * @param interval period in which unknown keys cause at most two further fetches
     */
    static Keys ofUrl(URL url, ResourceRetriever retriever, Duration lifetime, Duration interval) {
        return new AtUrl(url, retriever, lifetime, interval);
    }

    /** Nimbus' selection, with a minimum size of RSA keys, and with keys without an id, such as those of a PEM file. */
    JWSKeySelector<SecurityContext> selector() {
        return new JWSVerificationKeySelector<>(algorithms, source()) {
            @Override
            protected JWKMatcher createJWKMatcher(JWSHeader header) {
                JWKMatcher.Builder matcher = new JWKMatcher.Builder(JWKMatcher.forJWSHeader(header));
                if (header.getKeyID() != null) {
                    matcher.keyIDs(new HashSet<>(Arrays.asList(header.getKeyID(), null)));
                }
                if (JWSAlgorithm.Family.EC.contains(header.getAlgorithm())) {
                    matcher.curves(Curve.forJWSAlgorithm(header.getAlgorithm()));
                }
                if (JWSAlgorithm.Family.RSA.contains(header.getAlgorithm())) {
                    matcher.minKeySize(MIN_RSA_BITS);
                }
                return matcher.build();
            }

            @Override
            public List<Key> selectJWSKeys(JWSHeader header, SecurityContext context) throws KeySourceException {
                return super.selectJWSKeys(header, context).stream()
                        .limit(MAX_TRIED_KEYS)
                        .toList();
            }
        };
    }

    /** The public keys of a JWK Set, of one JWK, or of PEM blocks. */
    static JWKSet read(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        List<JWK> keys = new ArrayList<>();
        try {
            if (text.startsWith("{")) {
                List<JWK> given = text.contains("\"keys\"") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text));
                given.stream().filter(AsymmetricJWK.class::isInstance).forEach(keys::add);
            } else {
                for (MatchResult block : PEM.matcher(text).results().toList()) {
                    keys.add(jwk(block.group(1), Base64.getMimeDecoder().decode(block.group(2))));
                }
            }
        } catch (ParseException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("it is neither a PEM public key nor a certificate nor a JWK Set", e);
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("it holds no public key");
        }
        if (keys.stream().anyMatch(key -> key instanceof RSAKey && key.size() < MIN_RSA_BITS)) {
            throw new IllegalArgumentException("it holds an RSA key of less than " + MIN_RSA_BITS + " bits");
        }
        return new JWKSet(keys).toPublicJWKSet();
    }

    private static JWK jwk(String type, byte[] der) throws GeneralSecurityException {
        PublicKey key = type.equals("CERTIFICATE")
                ? CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der))
                        .getPublicKey()
                : publicKey(new X509EncodedKeySpec(der));
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa).build();
        }
        if (key instanceof ECPublicKey ec) {
            return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
        }
        throw new IllegalArgumentException("neither RSA nor EC");
    }

    private static PublicKey publicKey(X509EncodedKeySpec encoded) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(encoded);
        } catch (GeneralSecurityException e) {
            return KeyFactory.getInstance("EC").generatePublic(encoded);
        }
    }

    private static JWKSet secret(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
        byte[] secret = text.getBytes(StandardCharsets.ISO_8859_1);
        if (text.startsWith("-----BEGIN") || text.startsWith("{")) {
            throw new IllegalArgumentException("it holds a key of another kind; a shared secret is " + MIN_SECRET_BYTES
                    + " random bytes or more, as text");
        }
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("a shared secret is " + MIN_SECRET_BYTES + " bytes or more");
        }
        return new JWKSet(new OctetSequenceKey.Builder(secret).build());
    }

    private static final class InFile extends Keys {

        private final ReloadingFile<JWKSet> file;

        InFile(Set<JWSAlgorithm> algorithms, ReloadingFile<JWKSet> file) {
            super(algorithms);
            this.file = file;
        }

        @Override
        JWKSet current() {
            return file.get();
        }

        @Override
        JWKSource<SecurityContext> source() {
            return (selector, context) -> selector.select(file.get());
        }

        @Override
        void refresh() {
            file.refresh();
        }
    }

    /** Keeps the last set while the issuer is unavailable. */
    private static final class AtUrl extends Keys {

        private final JWKSetBasedJWKSource<SecurityContext> source;
        private volatile JWKSet current;
        private boolean failed;

        AtUrl(URL url, ResourceRetriever retriever, Duration lifetime, Duration interval) {
            super(PUBLIC_KEY_ALGORITHMS);
            source = (JWKSetBasedJWKSource<SecurityContext>) JWKSourceBuilder.create(url, retriever)
                    .cache(lifetime.toMillis(), lifetime.toMillis() / 4)
                    .refreshAheadCache(lifetime.toMillis() / 4, false)
                    .rateLimited(interval.toMillis())
                    .retrying(true)
                    .outageTolerantForever()
                    .healthReporting(this::report)
                    .build();
        }

        @Override
        JWKSet current() {
            return current;
        }

        @Override
        JWKSource<SecurityContext> source() {
            return source;
        }

        @Override
        void refresh() {
            JWKSetSource<SecurityContext> cache = source.getJWKSetSource();
            try {
                JWKSet fetched =
                        cache.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), System.currentTimeMillis(), null);
                if (current == null || !fetched.getKeys().equals(current.getKeys())) {
                    current = fetched;
                }
            } catch (KeySourceException e) {
                // report() has logged it.
            }
        }

        private synchronized void report(HealthReport<?, ?> report) {
            boolean fails = report.getHealthStatus() == HealthStatus.NOT_HEALTHY;
            if (fails && !failed) {
                LOG.warn(
                        "Could not fetch AUTH_JWT_KEYS, {}: {}",
                        current == null ? "JSON Web Tokens are not accepted" : "the previous keys stay in force",
                        report.getException().getMessage());
            } else if (!fails && failed) {
                LOG.info("Fetched AUTH_JWT_KEYS again");
            }
            failed = fails;
        }

        @Override
        public void close() {
            try {
                source.close();
            } catch (IOException e) {
                LOG.debug("Could not close the source of AUTH_JWT_KEYS", e);
            }
        }
    }
}
