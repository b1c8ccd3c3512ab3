package dev.caravan.reliability;

import dev.caravan.context.Causes;
import dev.caravan.context.OncePerMinute;
import dev.caravan.database.DatabaseErrors;
import dev.caravan.kafka.Readers;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that records wait for the database: once a minute, however many do and however often each is tried. */
public final class Waits implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Waits.class);

    private final OncePerMinute log = new OncePerMinute();

    @Override
    public void process(Exchange exchange) {
        Readers.waits(exchange);
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        // Camel goes on calling this when a record that has met the outage fails for a reason of its own.
        if (DatabaseErrors.unavailable(failure)) {
            log.warn(
                    LOG,
                    "database",
                    "The database is unavailable, records wait where they stand: {}",
                    Causes.line(failure));
        }
    }
}
