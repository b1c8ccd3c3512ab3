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
 * JSON Web Tokens of one issuer for one audience: signed by one of its {@link Keys}, neither expired nor too early,
 * within half a minute. The last 10,000 valid ones are remembered, because verifying a signature takes longer than all
 * else that a request needs.
 */
final class JwtVerifier implements AutoCloseable {

    private static final int LEEWAY_SECONDS = 30;
    private static final int REMEMBERED = 10_000;
    private static final int RETRY_AFTER_SECONDS = 5;

    private record VerifiedToken(Caller caller, long notAfterMillis, JWKSet by) {}

    private final Keys keys;
    private final String userClaim;
    private final String rolesClaim;
    private final LongSupplier millis;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final Cache<ByteBuffer, VerifiedToken> right =
            Caffeine.newBuilder().maximumSize(REMEMBERED).build();

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

    /** Whether a token has the form of one: three parts. */
    static boolean isOne(String token) {
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        return first > 0 && second > first && token.indexOf('.', second + 1) < 0;
    }

    /** Whose token this is, if it is remembered. Never waits. */
    Optional<Caller> remembered(String token) {
        VerifiedToken known = right.getIfPresent(ByteBuffer.wrap(TokenFile.hash(token)));
        return known != null
                        && known.by() != null
                        && known.by() == keys.current()
                        && millis.getAsLong() < known.notAfterMillis()
                ? Optional.of(known.caller())
                : Optional.empty();
    }

    /**
     * Verifies the token. It may wait for the issuer, for a few seconds.
     *
     * @throws ProblemException 503 while no key was ever fetched
     */
    Optional<Caller> verify(String token) {
        JWKSet by = keys.current();
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Caller caller = caller(claims);
            long notAfter = claims.getExpirationTime().getTime() + LEEWAY_SECONDS * 1000L;
            right.put(ByteBuffer.wrap(TokenFile.hash(token)), new VerifiedToken(caller, notAfter, by));
            return Optional.of(caller);
        } catch (KeySourceException e) {
            if (by == null) {
                throw ProblemException.unavailable(
                        "Tokens of this kind cannot be checked at the moment.", RETRY_AFTER_SECONDS);
            }
            return Optional.empty();
        } catch (ParseException | BadJOSEException | JOSEException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Of a token that was valid: its expiry, with the same half a minute. 0 where it says none. */
    long endsAtMillis(String token) {
        VerifiedToken known = right.getIfPresent(ByteBuffer.wrap(TokenFile.hash(token)));
        if (known != null) {
            return known.notAfterMillis();
        }
        try {
            return SignedJWT.parse(token).getJWTClaimsSet().getExpirationTime().getTime() + LEEWAY_SECONDS * 1000L;
        } catch (ParseException | RuntimeException e) {
            return 0;
        }
    }

    void look() {
        keys.look();
    }

    @Override
    public void close() {
        keys.close();
    }

    private Caller caller(JWTClaimsSet claims) {
        long user = user(claims);
        Object subject = claims.getClaim(userClaim);
        return new Caller(user, roles(claims), user == Caller.NOBODY && subject != null ? subject.toString() : "");
    }

    private long user(JWTClaimsSet claims) {
        Object user = claims.getClaim(userClaim);
        if (user instanceof Long || user instanceof Integer) {
            return ((Number) user).longValue();
        }
        return user instanceof String text && text.matches("\\d{1,18}") ? Long.parseLong(text) : Caller.NOBODY;
    }

    /** A list, or a text with spaces between them. */
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

    /** Of {@code realm_access.roles} the member {@code roles} of the claim {@code realm_access}. */
    private Object nested(JWTClaimsSet claims) {
        Object here = claims.getClaims();
        for (String name : rolesClaim.split("\\.")) {
            here = here instanceof Map<?, ?> members ? members.get(name) : null;
        }
        return here;
    }
}
