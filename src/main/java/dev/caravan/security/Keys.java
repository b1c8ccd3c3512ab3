package dev.caravan.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The keys by which the signatures of JSON Web Tokens are checked: either public keys or one shared secret, and never both,
 * so that no public key can be taken for a secret. None of their looks waits for the network.
 */
public abstract class Keys {

    private static final Set<JWSAlgorithm> SIGNED = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Set<JWSAlgorithm> SHARED = Set.of(JWSAlgorithm.HS256);
    private static final int LEAST_RSA_BITS = 2048;
    private static final int LEAST_SECRET_BYTES = 32;

    /** A token without a key id is tried with no more keys than these. */
    private static final int TRIED_AT_MOST = 5;

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([^-]+)-----END \\1-----");

    private final Set<JWSAlgorithm> algorithms;

    private Keys(Set<JWSAlgorithm> algorithms) {
        this.algorithms = algorithms;
    }

    /** Their present set, another object after each change; null while none was ever got. */
    abstract JWKSet current();

    /** Called each second on a thread that may wait. */
    abstract void look();

    /** A token named a key that is not there. */
    void missed() {}

    /** @throws IllegalArgumentException naming what is wrong, in the words of the setting */
    static Keys ofFile(Path path) {
        return new InFile(SIGNED, new FollowedFile<>("AUTH_JWT_KEYS", path, Keys::read));
    }

    /** @throws IllegalArgumentException naming what is wrong, in the words of the setting */
    static Keys ofSecret(Path path) {
        return new InFile(SHARED, new FollowedFile<>("AUTH_JWT_SECRET_FILE", path, Keys::secret));
    }

    static Keys ofUrl(Fetched fetched) {
        return new AtUrl(fetched);
    }

    /** The keys that may have signed what has this header; none where its algorithm is not allowed. */
    List<Key> select(JWSHeader header) {
        JWKSet set = current();
        if (set == null || !algorithms.contains(header.getAlgorithm())) {
            return List.of();
        }
        JWKMatcher.Builder matcher = new JWKMatcher.Builder(JWKMatcher.forJWSHeader(header));
        if (header.getKeyID() != null) {
            // Or a key of no id, as those of a PEM file.
            matcher.keyIDs(new HashSet<>(Arrays.asList(header.getKeyID(), null)));
        }
        if (JWSAlgorithm.Family.EC.contains(header.getAlgorithm())) {
            matcher.curves(Curve.forJWSAlgorithm(header.getAlgorithm()));
        }
        List<JWK> found = new JWKSelector(matcher.build()).select(set);
        if (found.isEmpty()) {
            missed();
        }
        List<Key> keys = new ArrayList<>();
        for (JWK key : found.subList(0, Math.min(found.size(), TRIED_AT_MOST))) {
            try {
                keys.add(
                        key instanceof AsymmetricJWK pair
                                ? pair.toPublicKey()
                                : ((OctetSequenceKey) key).toSecretKey("HmacSHA256"));
            } catch (JOSEException e) {
                // A key that Java cannot use has signed nothing that can be checked.
            }
        }
        return keys;
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
            throw new IllegalArgumentException("it is no PEM public key, no certificate and no JWK Set", e);
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("it holds no public key");
        }
        if (keys.stream().anyMatch(key -> key instanceof RSAKey && key.size() < LEAST_RSA_BITS)) {
            throw new IllegalArgumentException("it holds an RSA key of less than " + LEAST_RSA_BITS + " bits");
        }
        return new JWKSet(keys).toPublicJWKSet();
    }

    private static JWK jwk(String what, byte[] der) throws GeneralSecurityException {
        PublicKey key = what.equals("CERTIFICATE")
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
        byte[] secret = new String(bytes, StandardCharsets.ISO_8859_1).strip().getBytes(StandardCharsets.ISO_8859_1);
        String text = new String(secret, StandardCharsets.ISO_8859_1);
        if (text.startsWith("-----BEGIN") || text.startsWith("{")) {
            throw new IllegalArgumentException("it holds a key of another kind; a shared secret is "
                    + LEAST_SECRET_BYTES + " random bytes or more, as text");
        }
        if (secret.length < LEAST_SECRET_BYTES) {
            throw new IllegalArgumentException("a shared secret is " + LEAST_SECRET_BYTES + " bytes or more");
        }
        return new JWKSet(new OctetSequenceKey.Builder(secret).build());
    }

    private static final class InFile extends Keys {

        private final FollowedFile<JWKSet> file;

        InFile(Set<JWSAlgorithm> algorithms, FollowedFile<JWKSet> file) {
            super(algorithms);
            this.file = file;
        }

        @Override
        JWKSet current() {
            return file.get();
        }

        @Override
        void look() {
            file.look();
        }
    }

    private static final class AtUrl extends Keys {

        private final Fetched fetched;

        AtUrl(Fetched fetched) {
            super(SIGNED);
            this.fetched = fetched;
        }

        @Override
        JWKSet current() {
            return fetched.get();
        }

        @Override
        void look() {
            fetched.look();
        }

        @Override
        void missed() {
            fetched.missed();
        }
    }
}
