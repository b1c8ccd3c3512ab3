package dev.caravan.platform.security;

import dev.caravan.platform.context.ReloadingFile;
import dev.caravan.platform.edge.ProblemException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Finds callers by their credentials: tokens of the configuration, tokens of a file, and JSON Web Tokens. Files and
 * URLs are reloaded while the program runs.
 */
public final class CredentialFinder implements AutoCloseable {

    private final Tokens configured;
    private final ReloadingFile<Tokens> file;
    private final JwtVerifier jwtVerifier;

    /**
     * Reads the files, but nothing from the network.
     *
     * @param settings values of the properties {@code auth.*}; blank if not set
     * @throws IllegalArgumentException naming the invalid setting, without any token or key
     */
    public CredentialFinder(UnaryOperator<String> settings) {
        configured = named("AUTH_TOKENS", () -> Tokens.of(settings.apply("auth.tokens")));
        String tokensFile = settings.apply("auth.tokens.file");
        file = tokensFile.isBlank()
                ? null
                : new ReloadingFile<>("AUTH_TOKENS_FILE", Path.of(tokensFile), Tokens::ofFile);
        // Checked only at start-up: emptying the file later revokes its tokens.
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

    /** Reads a setting. Error messages begin with the setting's name. */
    public static <T> T named(String setting, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
    }

    public boolean acceptsSample() {
        return tokens().anyMatch(Tokens::containSample);
    }

    /** The caller with this token, if no signature has to be verified. Never blocks. */
    Optional<Caller> known(String token) {
        return tokens().flatMap(tokens -> tokens.caller(token).stream())
                .findFirst()
                .or(() -> isSigned(token) ? jwtVerifier.cached(token) : Optional.empty());
    }

    /** Whether a token with this SHA-256 is currently configured. */
    boolean isConfigured(byte[] hash) {
        return tokens().anyMatch(tokens -> tokens.caller(hash).isPresent());
    }

    private Stream<Tokens> tokens() {
        return file == null ? Stream.of(configured) : Stream.of(configured, file.get());
    }

    /** When a JSON Web Token expires, in milliseconds since the epoch; 0 for any other token, which has been revoked. */
    long endsAtMillis(String token) {
        return isSigned(token) ? jwtVerifier.endsAtMillis(token) : 0;
    }

    /** Whether the token has a signature that {@link #verify} can check. */
    boolean isSigned(String token) {
        return jwtVerifier != null && JwtVerifier.isJwt(token);
    }

    /**
     * Verifies a token's signature. May block for a few seconds until the issuer answers.
     *
     * @throws ProblemException 503 before the issuer's keys have been fetched
     */
    Optional<Caller> verify(String token) {
        return jwtVerifier.verify(token);
    }

    /** Called each second on a thread that may block. */
    void refresh() {
        if (file != null) {
            file.refresh();
        }
        if (jwtVerifier != null) {
            jwtVerifier.refresh();
        }
    }

    @Override
    public void close() {
        if (jwtVerifier != null) {
            jwtVerifier.close();
        }
    }
}
