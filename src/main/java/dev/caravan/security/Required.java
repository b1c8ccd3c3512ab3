package dev.caravan.security;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Lets only callers of one role on: others get 403. Where authentication is off everybody may. Afterwards the property {@link #WHO} names the
 * caller, for an audit.
 */
public final class Required implements Processor {

    public static final String WHO = "who";

    private String role;

    @Override
    public void process(Exchange exchange) {
        Authenticate.requireRole(exchange, role);
        Caller caller = exchange.getProperty(Authenticate.CALLER, Caller.class);
        exchange.setProperty(WHO, caller == null ? "anonymous" : "user " + caller.userId());
    }

    public void setRole(String role) {
        this.role = role;
    }
}
