package dev.caravan.platform.kafka;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * A producer that is created once a broker's host name can be resolved: Kafka's own constructor fails if none can.
 * Until then each record fails at once, as it does while the brokers are unavailable.
 */
final class DelayedProducer {

    private static final long PAUSE_MILLIS = 1_000;

    private final Supplier<? extends Producer<Object, Object>> producers;
    private final BooleanSupplier stopping;
    private volatile Producer<Object, Object> producer;
    private volatile boolean closed;

    private DelayedProducer(Supplier<? extends Producer<Object, Object>> producers, BooleanSupplier stopping) {
        this.producers = producers;
        this.stopping = stopping;
    }

    /**
     * @param producers creates the producer, or fails with a {@link KafkaException}
     * @param stopping whether the program is stopping
     */
    @SuppressWarnings("unchecked")
    static Producer<Object, Object> of(
            Supplier<? extends Producer<Object, Object>> producers, BooleanSupplier stopping) {
        DelayedProducer delayed = new DelayedProducer(producers, stopping);
        delayed.createLater();
        return (Producer<Object, Object>) Proxy.newProxyInstance(
                DelayedProducer.class.getClassLoader(),
                new Class<?>[] {Producer.class},
                (proxy, method, arguments) -> delayed.call(method, arguments));
    }

    /** On its own thread, because resolving a name may take seconds. */
    private void createLater() {
        CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, task -> {
                    Thread thread = new Thread(task, "caravan-broker-name");
                    thread.setDaemon(true);
                    thread.start();
                })
                .execute(this::create);
    }

    private void create() {
        if (closed || stopping.getAsBoolean()) {
            return;
        }
        try {
            producer = producers.get();
            if (closed) {
                producer.close();
            }
        } catch (KafkaException e) {
            createLater();
        }
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        boolean close = method.getName().equals("close");
        closed |= close;
        Producer<Object, Object> created = producer;
        if (created != null) {
            try {
                return method.invoke(created, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        if (close) {
            return null;
        }
        TimeoutException failure = new TimeoutException("No broker host name in KAFKA_BROKERS can be resolved yet.");
        if (arguments != null && arguments[arguments.length - 1] instanceof Callback callback) {
            callback.onCompletion(null, failure);
            return CompletableFuture.failedFuture(failure);
        }
        throw failure;
    }
}
