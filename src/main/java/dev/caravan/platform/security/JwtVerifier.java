package dev.caravan.platform.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.caravan.platform.context.Sha256;
import dev.caravan.platform.edge.ProblemException;
import java.nio.ByteBuffer;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Verifies JSON Web Tokens of one issuer for one audience: signed with one of its {@link Keys}, and valid now with 30 s
 * of leeway. Caches 10,000 valid tokens, because verifying a signature takes longer than the rest of a request.
 */
final class JwtVerifier implements AutoCloseable {

    private static final int LEEWAY_SECONDS = 30;
    private static final int MAX_CACHED = 10_000;
    private static final int RETRY_AFTER_SECONDS = 5;

    private record VerifiedToken(Caller caller, long endsAtMillis, JWKSet keySet) {}

    private final Keys keys;
    private final String userClaim;
    private final String rolesClaim;
    private final LongSupplier millis;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Cache<ByteBuffer, VerifiedToken> verifiedTokens =
            Caffeine.newBuilder().maximumSize(MAX_CACHED).build();

    JwtVerifier(Keys keys, String issuer, String audience, String userClaim, String rolesClaim) {
        this(keys, issuer, audience, userClaim, rolesClaim, System::currentTimeMillis);
    }

    JwtVerifier(Keys keys, String issuer, String audience, String userClaim, String rolesClaim, LongSupplier millis) {
        this.keys = keys;
        this.millis = millis;
        this.userClaim = userClaim;
        this.rolesClaim = rolesClaim;
        processor.setJWSKeySelector(keys.selector());
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        DefaultJWTClaimsVerifier<SecurityContext> claims =
                new DefaultJWTClaimsVerifier<>(
                        audience, new JWTClaimsSet.Builder().issuer(issuer).build(), Set.of("exp")) {
                    @Override
                    protected Date currentTime() {
                        return new Date(millis.getAsLong());
                    }
                };
        claims.setMaxClockSkew(LEEWAY_SECONDS);
        processor.setJWTClaimsSetVerifier(claims);
    }

    /** Whether a token looks like a JSON Web Token: three parts. */
    static boolean isJwt(String token) {
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        return first > 0 && second > first && token.indexOf('.', second + 1) < 0;
    }

    /** The caller with this token, if it is cached. Never blocks. */
    Optional<Caller> cached(String token) {
        return verified(token)
                .filter(known -> known.keySet() != null
                        && known.keySet() == keys.current()
                        && millis.getAsLong() < known.endsAtMillis())
                .map(VerifiedToken::caller);
    }

    private Optional<VerifiedToken> verified(String token) {
        return Optional.ofNullable(verifiedTokens.getIfPresent(hash(token)));
    }

    private static ByteBuffer hash(String token) {
        return ByteBuffer.wrap(Sha256.of(token));
    }

    /**
     * Verifies the token. May block for a few seconds until the issuer answers.
     *
     * @throws ProblemException 503 before the keys have been fetched
     */
    Optional<Caller> verify(String token) {
        JWKSet keySet = keys.current();
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Caller caller = caller(claims);
            verifiedTokens.put(hash(token), new VerifiedToken(caller, endsAtMillis(claims), keySet));
            return Optional.of(caller);
        } catch (KeySourceException e) {
            if (keySet == null) {
                throw ProblemException.unavailable(
                        "Tokens of this kind cannot be checked at the moment.", RETRY_AFTER_SECONDS);
            }
            return Optional.empty();
        } catch (ParseException | BadJOSEException | JOSEException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The expiry of a verified token, including the leeway; 0 for any other token. */
    long endsAtMillis(String token) {
        return verified(token).map(VerifiedToken::endsAtMillis).orElseGet(() -> {
            try {
                return endsAtMillis(SignedJWT.parse(token).getJWTClaimsSet());
            } catch (ParseException | RuntimeException e) {
                return 0L;
            }
        });
    }

    private static long endsAtMillis(JWTClaimsSet claims) {
        return claims.getExpirationTime().getTime() + LEEWAY_SECONDS * 1000L;
    }

    void refresh() {
        keys.refresh();
    }

    @Override
    public void close() {
        keys.close();
    }

    private Caller caller(JWTClaimsSet claims) {
        long user = user(claims);
        Object subject = claims.getClaim(userClaim);
        return new Caller(user, roles(claims), user == Caller.NO_USER && subject != null ? subject.toString() : "");
    }

    private long user(JWTClaimsSet claims) {
        Object user = claims.getClaim(userClaim);
        if (user instanceof Long || user instanceof Integer) {
            return ((Number) user).longValue();
        }
        return user instanceof String text && text.matches("\\d{1,18}") ? Long.parseLong(text) : Caller.NO_USER;
    }

    /** The roles, from a list or a space-separated string. */
    private Set<String> roles(JWTClaimsSet claims) {
        Object roles = claims.getClaim(rolesClaim);
        if (roles == null) {
            roles = nested(claims);
        }
        Collection<?> all = roles instanceof Collection<?> list
                ? list
                : roles instanceof String text ? Arrays.asList(text.split(" ")) : List.of();
        return all.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The value of a path such as {@code realm_access.roles}: the member {@code roles} of the claim
     * {@code realm_access}.
     */
    private Object nested(JWTClaimsSet claims) {
        Object here = claims.getClaims();
        for (String name : rolesClaim.split("\\.")) {
            here = here instanceof Map<?, ?> members ? members.get(name) : null;
        }
        return here;
    }
}
