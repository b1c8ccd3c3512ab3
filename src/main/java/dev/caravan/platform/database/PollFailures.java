package dev.caravan.platform.database;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs failed polls of the database, at most once a minute. The route polls again after its delay. */
public final class PollFailures implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(PollFailures.class);

    private final RateLimitedLogger log = new RateLimitedLogger();

    @Override
    public void handleException(Throwable failure) {
        log.warn(LOG, "database", "A poll of the database failed and will be repeated: {}", ErrorText.line(failure));
    }

    @Override
    public void handleException(String message, Throwable failure) {
        handleException(failure);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable failure) {
        handleException(failure);
    }
}
