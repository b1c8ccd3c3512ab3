package dev.caravan.support;

import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * A record {@code <name> <n>} fails n attempts; they are counted by the name. Of {@code <name> <n> away} the first one fails
 * as it does when the database is away, of {@code <name> <n> hangs} it does not come back until it is interrupted.
 */
public final class Flaky implements Processor {

    private static final Map<String, AtomicInteger> ATTEMPTS = new ConcurrentHashMap<>();

    public static int attempts(String name) {
        return ATTEMPTS.computeIfAbsent(name, any -> new AtomicInteger()).get();
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        String[] body = exchange.getMessage().getBody(String.class).split(" ");
        int attempt =
                ATTEMPTS.computeIfAbsent(body[0], any -> new AtomicInteger()).incrementAndGet();
        if (attempt == 1 && body.length > 2) {
            if (body[2].equals("hangs")) {
                new CountDownLatch(1).await();
            }
            throw new SQLTransientConnectionException("the database is away");
        }
        if (attempt <= Integer.parseInt(body[1])) {
            throw new IllegalStateException("attempt " + attempt + " fails", new RuntimeException("as it was told"));
        }
    }
}
