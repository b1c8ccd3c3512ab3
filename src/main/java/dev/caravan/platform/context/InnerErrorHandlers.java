package dev.caravan.platform.context;

import org.apache.camel.Channel;
import org.apache.camel.Navigate;

/**
 * Removes the error handlers around the steps inside a policy. Camel puts the route's error handler around every step,
 * so a failure would be handled before the policy sees it: a transaction would commit the steps before the failure.
 * Without them a failure leaves the policy as the exchange's exception, and the error handler around the policy handles
 * it.
 *
 * <p>Limit: the branches of a {@code split} or {@code multicast} inside keep their error handlers.
 */
public final class InnerErrorHandlers {

    private InnerErrorHandlers() {}

    /** Called when a policy wraps its steps, before they run. */
    public static void remove(Object steps) {
        if (steps instanceof Channel channel) {
            channel.setErrorHandler(null);
        }
        if (steps instanceof Navigate<?> inner && inner.hasNext()) {
            inner.next().forEach(InnerErrorHandlers::remove);
        }
    }
}
