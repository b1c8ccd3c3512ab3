package dev.caravan.platform.reliability;

import dev.caravan.platform.database.DatabaseErrors;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Whether a record keeps waiting in place for an unavailable database. If it then fails for another reason, it is read
 * again and gets all its attempts, because Camel would apply the pauses of the outage to them too.
 */
public final class OutageWait implements Predicate {

    private int maxWaits;

    @Override
    public boolean matches(Exchange exchange) {
        return DatabaseErrors.unavailable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class))
                && exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class) <= maxWaits;
    }

    public int getMaxWaits() {
        return maxWaits;
    }

    /**
     * Number of waits before the record is read again. Their sum must be shorter than {@code max.poll.interval.ms}.
     */
    public void setMaxWaits(int maxWaits) {
        this.maxWaits = maxWaits;
    }
}
