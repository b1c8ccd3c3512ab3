package dev.caravan.platform.reliability;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.database.DatabaseErrors;
import dev.caravan.platform.kafka.ConsumerThreads;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that records wait for the database: once a minute, however many do and however often each is tried. */
public final class OutageLogger implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(OutageLogger.class);

    private final RateLimitedLogger log = new RateLimitedLogger();

    @Override
    public void process(Exchange exchange) {
        ConsumerThreads.waits(exchange);
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        // Camel goes on calling this when a record that has met the outage fails for a reason of its own.
        if (DatabaseErrors.unavailable(failure)) {
            log.warn(
                    LOG,
                    "database",
                    "The database is unavailable, records wait where they stand: {}",
                    ErrorText.line(failure));
        }
    }
}
