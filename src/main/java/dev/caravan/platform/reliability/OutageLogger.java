package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.database.DatabaseErrors;
import dev.caravan.platform.kafka.ConsumerThreads;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs that records wait for the database, at most once a minute. */
public final class OutageLogger implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(OutageLogger.class);

    private final RateLimitedLogger log = new RateLimitedLogger();

    @Override
    public void process(Exchange exchange) {
        ConsumerThreads.markWaiting(exchange);
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        // Camel also calls this if a record that waited for the database then fails for another reason.
        if (DatabaseErrors.unavailable(failure)) {
            log.warn(
                    LOG, "database", "The database is unavailable. Records wait in place: {}", ErrorText.line(failure));
        }
    }
}
