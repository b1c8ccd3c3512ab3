package dev.caravan.platform.edge;

import org.apache.camel.Exchange;

/**
 * The caller that owns a MessageID or Idempotency-Key, so that ids of different callers never collide. Records,
 * database and logs contain {@code <id>@<scope>}; answers contain only the id. Exchanges have no owner, and ids no
 * scope, while authentication is off.
 */
public interface MessageOwner {

    /** The property of an exchange that holds its owner. */
    String PROPERTY = "CaravanCaller";

    /** Visible ASCII without {@code @}, at most {@value MessageId#LONGEST_SCOPE} characters. */
    String scope();

    /** The id that is unique among all callers. */
    static String full(Exchange exchange, String id) {
        return id + suffix(exchange);
    }

    /** The id without its scope, for the owner. */
    static String bare(Exchange exchange, String fullId) {
        String suffix = suffix(exchange);
        return fullId.endsWith(suffix) ? fullId.substring(0, fullId.length() - suffix.length()) : fullId;
    }

    /** Whether the exchange's owner gave it; without an owner all are. */
    static boolean isOwn(Exchange exchange, String fullId) {
        return fullId.endsWith(suffix(exchange));
    }

    private static String suffix(Exchange exchange) {
        MessageOwner owner = exchange.getProperty(PROPERTY, MessageOwner.class);
        return owner == null ? "" : "@" + owner.scope();
    }
}
