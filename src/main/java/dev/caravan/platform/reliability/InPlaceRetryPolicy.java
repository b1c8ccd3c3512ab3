package dev.caravan.platform.reliability;

import dev.caravan.platform.settings.Durations;
import org.apache.camel.LoggingLevel;
import org.apache.camel.processor.errorhandler.RedeliveryPolicy;

/** Number of attempts at a record before it goes to the next topic, and the pauses between them. */
public final class InPlaceRetryPolicy extends RedeliveryPolicy {

    private static final long serialVersionUID = 1L;

    public InPlaceRetryPolicy() {
        setUseExponentialBackOff(true);
        setBackOffMultiplier(2);
        // FailedAttempts logs each attempt with the root cause of its failure.
        setRetryAttemptedLogLevel(LoggingLevel.OFF);
        setLogExhausted(false);
        setLogRetryStackTrace(false);
    }

    /** Includes the first attempt. */
    public void setAttempts(int attempts) {
        setMaximumRedeliveries(attempts - 1);
    }

    public void setBackoff(String duration) {
        setRedeliveryDelay(Durations.millis(duration));
    }

    public void setBackoffMax(String duration) {
        setMaximumRedeliveryDelay(Durations.millis(duration));
    }
}
