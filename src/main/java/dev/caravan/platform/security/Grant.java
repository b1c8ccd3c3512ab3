package dev.caravan.platform.security;

/**
 * The caller and lifetime of a token, for streams, which outlive their request.
 *
 * @param tokenHash SHA-256 of a configured token, which may be revoked; empty for any other token
 * @param endsAtMillis when the token expires; {@link Long#MAX_VALUE} if never
 */
public record Grant(Caller caller, String tokenHash, long endsAtMillis) {}
