package dev.caravan.platform.security;

/**
 * What a token has granted, for what outlives its request.
 *
 * @param tokenHash of a configured token, which may be revoked while it is used; empty for any other
 * @param endsAtMillis when the token expires; {@link Long#MAX_VALUE} where it does not
 */
public record Grant(Caller caller, String tokenHash, long endsAtMillis) {}
