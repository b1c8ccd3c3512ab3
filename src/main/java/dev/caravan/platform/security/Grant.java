package dev.caravan.platform.security;

/**
 * The caller and the lifetime of a token, for streams, which outlive their request.
 *
 * @param tokenHash hash of a configured token, which may be revoked meanwhile; empty for any other token
 * @param endsAtMillis when the token expires; {@link Long#MAX_VALUE} if it does not
 */
public record Grant(Caller caller, String tokenHash, long endsAtMillis) {}
