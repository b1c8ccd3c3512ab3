package dev.caravan.platform.edge;

import org.apache.camel.Exchange;

/**
 * The caller that owns a MessageID or Idempotency-Key, so that ids of different callers never collide. Records, the
 * database and logs contain {@code <id>@<scope>}, answers only the id. With authentication off, exchanges have no owner
 * and ids no scope.
 */
public interface MessageOwner {

    /** The exchange property of the owner. */
    String PROPERTY = "CaravanCaller";

    /** Visible ASCII without {@code @}, at most {@value MessageId#MAX_SCOPE_LENGTH} characters. */
    String scope();

    /** The id with its scope. */
    static String full(Exchange exchange, String id) {
        return id + suffix(exchange);
    }

    /** The id without the scope of the exchange's owner. */
    static String bare(Exchange exchange, String fullId) {
        String suffix = suffix(exchange);
        return fullId.endsWith(suffix) ? fullId.substring(0, fullId.length() - suffix.length()) : fullId;
    }

    /** Whether the id belongs to the exchange's owner; without an owner, all do. */
    static boolean isOwn(Exchange exchange, String fullId) {
        return fullId.endsWith(suffix(exchange));
    }

    private static String suffix(Exchange exchange) {
        MessageOwner owner = exchange.getProperty(PROPERTY, MessageOwner.class);
        return owner == null ? "" : "@" + owner.scope();
    }
}
