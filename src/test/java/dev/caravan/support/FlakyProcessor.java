package dev.caravan.support;

import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * A record {@code <name> <n>} fails n attempts, counted by name. The first attempt of {@code <name> <n> away} fails as if the database were
 * unavailable; that of {@code <name> <n> hangs} blocks until it is interrupted.
 */
public final class FlakyProcessor implements Processor {

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
