package dev.caravan.support;

import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;

/**
 * A record {@code <name> <n>} fails n attempts, counted by name. The first attempt of {@code <name> <n> away} fails as if the database were
 * unavailable; that of {@code <name> <n> held} blocks until {@link #release}. Outside retry topics, each attempt of
 * {@code <name> <n> hangs} blocks until it is interrupted.
 */
public final class FlakyProcessor implements Processor {

    private static final Map<String, AtomicInteger> ATTEMPTS = new ConcurrentHashMap<>();
    private static final Map<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

    public static int attempts(String name) {
        return ATTEMPTS.computeIfAbsent(name, any -> new AtomicInteger()).get();
    }

    public static void release(String name) {
        gate(name).countDown();
    }

    private static CountDownLatch gate(String name) {
        return GATES.computeIfAbsent(name, any -> new CountDownLatch(1));
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        String[] body = exchange.getMessage().getBody(String.class).split(" ");
        int attempt =
                ATTEMPTS.computeIfAbsent(body[0], any -> new AtomicInteger()).incrementAndGet();
        String extra = body.length > 2 ? body[2] : "";
        if (extra.equals("hangs")
                && exchange.getMessage().getHeader(KafkaConstants.TOPIC).equals("flaky")) {
            new CountDownLatch(1).await();
        }
        if (extra.equals("held") && attempt == 1) {
            gate(body[0]).await();
        }
        if (extra.equals("away") && attempt == 1) {
            throw new SQLTransientConnectionException("the database is away");
        }
        if (attempt <= Integer.parseInt(body[1])) {
            throw new IllegalStateException("attempt " + attempt + " fails", new RuntimeException("as it was told"));
        }
    }
}
