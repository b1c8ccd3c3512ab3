package dev.caravan.platform.edge;

import org.apache.camel.Exchange;

/**
 * A caller to whom MessageIDs and Idempotency-Keys belong, so that one caller's id never meets another's. On records,
 * in the database and in logs an id is {@code <id>@<scope>}; answers show the caller the id alone. An exchange without
 * an owner, as all are with authentication off, has ids as they are.
 */
public interface MessageOwner {

    /** The property of an exchange that holds its owner. */
    String PROPERTY = "CaravanCaller";

    /** Visible ASCII without {@code @}, at most {@value MessageId#LONGEST_SCOPE} characters. */
    String scope();

    /** The id as it is unique among all callers. */
    static String full(Exchange exchange, String id) {
        return id + suffix(exchange);
    }

    /** The id as the owner knows it. */
    static String bare(Exchange exchange, String fullId) {
        String suffix = suffix(exchange);
        return fullId.endsWith(suffix) ? fullId.substring(0, fullId.length() - suffix.length()) : fullId;
    }

    private static String suffix(Exchange exchange) {
        MessageOwner owner = exchange.getProperty(PROPERTY, MessageOwner.class);
        return owner == null ? "" : "@" + owner.scope();
    }
}
