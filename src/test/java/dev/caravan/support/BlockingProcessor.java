package dev.caravan.support;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Blocks messages whose body contains {@code hold} until {@link #release}. */
public final class BlockingProcessor implements Processor {

    private static final AtomicReference<CountDownLatch> GATE = new AtomicReference<>(new CountDownLatch(1));

    public static void reset() {
        GATE.set(new CountDownLatch(1));
    }

    public static void release() {
        GATE.get().countDown();
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        if (exchange.getMessage().getBody(String.class).contains("hold")
                && !GATE.get().await(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException("not released within two minutes");
        }
    }
}
