package dev.caravan.platform.security;

import dev.caravan.platform.context.ReloadingFile;
import dev.caravan.platform.edge.ProblemException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds callers by their credentials: tokens of the configuration, tokens of a file, and JSON Web Tokens. Files and
 * URLs are reloaded while the program runs.
 */
public final class CredentialFinder implements AutoCloseable {

    /** The values of the settings; blank if not set. */
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
     * Reads the files, but nothing from the network.
     *
     * @throws IllegalArgumentException naming the invalid setting, without any token or key
     */
    public CredentialFinder(GivenCredentials givenCredentials) {
        configured = named("AUTH_TOKENS", () -> TokenFile.of(givenCredentials.tokens()));
        file = givenCredentials.tokensFile().isBlank()
                ? null
                : new ReloadingFile<>("AUTH_TOKENS_FILE", Path.of(givenCredentials.tokensFile()), TokenFile::ofFile);
        // Only at start-up: emptying the file later revokes its tokens.
        if (file != null && file.get().isEmpty()) {
            throw new IllegalArgumentException(
                    "AUTH_TOKENS_FILE: " + givenCredentials.tokensFile() + " holds no token");
        }

        jwtVerifier = givenCredentials.jwtKeys().isBlank()
                        && givenCredentials.jwtSecretFile().isBlank()
                ? null
                : jwt(givenCredentials);
        if (configured.isEmpty() && file == null && jwtVerifier == null) {
            throw new IllegalArgumentException(
                    "AUTH_ENABLED=true needs credentials: set AUTH_TOKENS, AUTH_TOKENS_FILE, AUTH_JWT_KEYS or AUTH_JWT_SECRET_FILE");
        }
    }

    private static JwtVerifier jwt(GivenCredentials givenCredentials) {
        if (!givenCredentials.jwtKeys().isBlank()
                && !givenCredentials.jwtSecretFile().isBlank()) {
            throw new IllegalArgumentException(
                    "AUTH_JWT_KEYS and AUTH_JWT_SECRET_FILE conflict: set the one with which the issuer signs");
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
            throw new IllegalArgumentException("AUTH_JWT_KEYS is not a valid URL", e);
        }
    }

    /** Reads a setting. The message of a failure begins with the setting's name. */
    public static <T> T named(String setting, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    /** Whether the token of the README's examples is accepted. */
    public boolean holdSample() {
        return configured.holdSample() || file != null && file.get().holdSample();
    }

    /** The caller with this token, if known without verifying a signature. Never blocks. */
    Optional<Caller> known(String token) {
        Optional<Caller> caller = configured.caller(token);
        if (caller.isEmpty() && file != null) {
            caller = file.get().caller(token);
        }
        return caller.isEmpty() && isSigned(token) ? jwtVerifier.cached(token) : caller;
    }

    /** Whether the configuration or the file currently contains a token with this SHA-256. */
    boolean isConfigured(byte[] hash) {
        return configured.caller(hash).isPresent()
                || file != null && file.get().caller(hash).isPresent();
    }

    /** When an accepted token expires, in milliseconds since the epoch. */
    long endsAtMillis(String token) {
        return isSigned(token) ? jwtVerifier.endsAtMillis(token) : Long.MAX_VALUE;
    }

    /** Whether the token has a signature for {@link #verify}. */
    boolean isSigned(String token) {
        return jwtVerifier != null && JwtVerifier.isOne(token);
    }

    /**
     * Verifies the signature of a token. May block for a few seconds until the issuer answers.
     *
     * @throws ProblemException 503 until the issuer's keys have been fetched once
     */
    Optional<Caller> verify(String token) {
        return jwtVerifier.verify(token);
    }

    /** Called each second on a thread that may block. */
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
