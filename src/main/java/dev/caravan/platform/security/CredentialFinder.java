package dev.caravan.platform.security;

import dev.caravan.platform.context.ReloadingFile;
import dev.caravan.platform.edge.ProblemException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Finds callers by their credentials: tokens of the configuration, tokens of a file, and JSON Web Tokens. Files and
 * URLs are reloaded while the program runs.
 */
public final class CredentialFinder implements AutoCloseable {

    private final TokenFile configured;
    private final ReloadingFile<TokenFile> file;
    private final JwtVerifier jwtVerifier;

    /**
     * Reads the files, but nothing from the network.
     *
     * @param settings the values of {@code auth.tokens} and the other properties; blank if not set
     * @throws IllegalArgumentException naming the invalid setting, without any token or key
     */
    public CredentialFinder(UnaryOperator<String> settings) {
        configured = named("AUTH_TOKENS", () -> TokenFile.of(settings.apply("auth.tokens")));
        String tokensFile = settings.apply("auth.tokens.file");
        file = tokensFile.isBlank()
                ? null
                : new ReloadingFile<>("AUTH_TOKENS_FILE", Path.of(tokensFile), TokenFile::ofFile);
        // Only at start-up: emptying the file later revokes its tokens.
        if (file != null && file.get().isEmpty()) {
            throw new IllegalArgumentException("AUTH_TOKENS_FILE: " + tokensFile + " holds no token");
        }
        jwtVerifier = jwt(settings);
        if (configured.isEmpty() && file == null && jwtVerifier == null) {
            throw new IllegalArgumentException(
                    "AUTH_ENABLED=true needs credentials: set AUTH_TOKENS, AUTH_TOKENS_FILE, AUTH_JWT_KEYS or AUTH_JWT_SECRET_FILE");
        }
    }

    /** Null if there are neither keys nor a secret. */
    private static JwtVerifier jwt(UnaryOperator<String> settings) {
        String keys = settings.apply("auth.jwt.keys");
        String secretFile = settings.apply("auth.jwt.secret.file");
        String issuer = settings.apply("auth.jwt.issuer");
        String audience = settings.apply("auth.jwt.audience");
        if (keys.isBlank() && secretFile.isBlank()) {
            return null;
        }
        if (!keys.isBlank() && !secretFile.isBlank()) {
            throw new IllegalArgumentException(
                    "AUTH_JWT_KEYS and AUTH_JWT_SECRET_FILE conflict: set the one with which the issuer signs");
        }
        if (issuer.isBlank() || audience.isBlank()) {
            throw new IllegalArgumentException("AUTH_JWT_ISSUER and AUTH_JWT_AUDIENCE must be set with "
                    + (keys.isBlank() ? "AUTH_JWT_SECRET_FILE" : "AUTH_JWT_KEYS"));
        }
        return new JwtVerifier(
                keys.isBlank() ? Keys.ofSecret(Path.of(secretFile)) : keys(keys),
                issuer,
                audience,
                settings.apply("auth.jwt.user.claim"),
                settings.apply("auth.jwt.roles.claim"));
    }

    private static Keys keys(String fileOrUrl) {
        if (!fileOrUrl.matches("https?://.+")) {
            return Keys.ofFile(Path.of(fileOrUrl));
        }
        try {
            return Keys.ofUrl(URI.create(fileOrUrl).toURL());
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
