package dev.caravan.platform.reliability;

import dev.caravan.platform.database.DatabaseErrors;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Whether a record that has met an unavailable database waits on where it stands. Not once it fails for another reason: then it is read
 * again and has all its attempts, because Camel would apply the pauses of the outage to these too.
 */
public final class OutageLasts implements Predicate {

    private int waits;

    @Override
    public boolean matches(Exchange exchange) {
        return DatabaseErrors.unavailable(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class))
                && exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class) <= waits;
    }

    public int getWaits() {
        return waits;
    }

    /** How often a record waits before it is read again. All waits together must be shorter than {@code max.poll.interval.ms}. */
    public void setWaits(int waits) {
        this.waits = waits;
    }
}
