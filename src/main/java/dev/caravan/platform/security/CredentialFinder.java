package dev.caravan.platform.security;

import dev.caravan.platform.edge.ProblemException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * By which a caller is known: tokens of the configuration, tokens of a file, and JSON Web Tokens. What stands in files
 * or at a URL is followed while the program runs.
 */
public final class CredentialFinder implements AutoCloseable {

    /** The settings as they are written; what is not set is blank. */
    public record GivenCredentials(
            String tokens,
            String tokensFile,
            String jwtIssuer,
            String jwtAudience,
            String jwtKeys,
            String jwtSecretFile,
            String jwtUserClaim,
            String jwtRolesClaim) {}

    private final TokenFile configured;
    private final ReloadingFile<TokenFile> file;
    private final JwtVerifier jwtVerifier;

    /**
     * Reads the files, and nothing from the network.
     *
     * @throws IllegalArgumentException saying which setting is wrong, and nothing of a token or a key
     */
    public CredentialFinder(GivenCredentials givenCredentials) {
        configured = named("AUTH_TOKENS", () -> TokenFile.of(givenCredentials.tokens()));
        file = givenCredentials.tokensFile().isBlank()
                ? null
                : new ReloadingFile<>("AUTH_TOKENS_FILE", Path.of(givenCredentials.tokensFile()), TokenFile::ofFile);
        // Only at the start: emptying the file later revokes its tokens.
        if (file != null && file.get().isEmpty()) {
            throw new IllegalArgumentException(
                    "AUTH_TOKENS_FILE: " + givenCredentials.tokensFile() + " holds no token");
        }
        if (file != null && file.get().isEmpty()) {
            throw new IllegalArgumentException(
                    "AUTH_TOKENS_FILE: there is no token in " + givenCredentials.tokensFile());
        }
        jwtVerifier = givenCredentials.jwtKeys().isBlank()
                        && givenCredentials.jwtSecretFile().isBlank()
                ? null
                : jwt(givenCredentials);
        if (configured.isEmpty() && file == null && jwtVerifier == null) {
            throw new IllegalArgumentException(
                    "AUTH_TOKENS is empty, and so are AUTH_TOKENS_FILE, AUTH_JWT_KEYS and AUTH_JWT_SECRET_FILE: nobody could call");
        }
    }

    private static JwtVerifier jwt(GivenCredentials givenCredentials) {
        if (!givenCredentials.jwtKeys().isBlank()
                && !givenCredentials.jwtSecretFile().isBlank()) {
            throw new IllegalArgumentException(
                    "AUTH_JWT_KEYS and AUTH_JWT_SECRET_FILE cannot both be: an issuer signs with a private key or with a shared secret");
        }
        if (givenCredentials.jwtIssuer().isBlank()
                || givenCredentials.jwtAudience().isBlank()) {
            throw new IllegalArgumentException("AUTH_JWT_ISSUER and AUTH_JWT_AUDIENCE must be set with "
                    + (givenCredentials.jwtKeys().isBlank() ? "AUTH_JWT_SECRET_FILE" : "AUTH_JWT_KEYS"));
        }
        return new JwtVerifier(
                keys(givenCredentials),
                givenCredentials.jwtIssuer(),
                givenCredentials.jwtAudience(),
                givenCredentials.jwtUserClaim(),
                givenCredentials.jwtRolesClaim());
    }

    private static Keys keys(GivenCredentials givenCredentials) {
        if (givenCredentials.jwtKeys().isBlank()) {
            return Keys.ofSecret(Path.of(givenCredentials.jwtSecretFile()));
        }
        if (!givenCredentials.jwtKeys().matches("https?://.+")) {
            return Keys.ofFile(Path.of(givenCredentials.jwtKeys()));
        }
        try {
            return Keys.ofUrl(URI.create(givenCredentials.jwtKeys()).toURL());
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("AUTH_JWT_KEYS is no URL", e);
        }
    }

    /** What was read of a setting. A failure begins with the setting's name. */
    public static <T> T named(String setting, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    /** Whether the token of the README's examples would be let in. */
    public boolean holdSample() {
        return configured.holdSample() || file != null && file.get().holdSample();
    }

    /** Whose token this is, as far as that can be said without verifying a signature. Never waits. */
    Optional<Caller> known(String token) {
        Optional<Caller> caller = configured.caller(token);
        if (caller.isEmpty() && file != null) {
            caller = file.get().caller(token);
        }
        return caller.isEmpty() && isSigned(token) ? jwtVerifier.remembered(token) : caller;
    }

    /** Whether a token with this SHA-256 is one of the configuration or of the file, at present. */
    boolean isConfigured(byte[] hash) {
        return configured.caller(hash).isPresent()
                || file != null && file.get().caller(hash).isPresent();
    }

    /** When a token that was let in expires, in milliseconds since 1970. */
    long endsAtMillis(String token) {
        return isSigned(token) ? jwtVerifier.endsAtMillis(token) : Long.MAX_VALUE;
    }

    /** Whether {@link #verify} may know more of a token that is not {@link #known}. */
    boolean isSigned(String token) {
        return jwtVerifier != null && JwtVerifier.isOne(token);
    }

    /**
     * Verifies the signature of a token. It may wait for the issuer, for a few seconds.
     *
     * @throws ProblemException 503 while the issuer's keys have never been fetched
     */
    Optional<Caller> verify(String token) {
        return jwtVerifier.verify(token);
    }

    /** Called each second on a thread that may wait. */
    void look() {
        if (file != null) {
            file.look();
        }
        if (jwtVerifier != null) {
            jwtVerifier.look();
        }
    }

    @Override
    public void close() {
        if (jwtVerifier != null) {
            jwtVerifier.close();
        }
    }
}
