package dev.caravan.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class NonBlockingProducerTest {

    @Test
    void sendDoesNotBlockWithoutABroker() throws Exception {
        CompletableFuture<Thread> callbackThread = new CompletableFuture<>();
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        try (NonBlockingProducer producer = new NonBlockingProducer(properties(), () -> true)) {
            producer.send(new ProducerRecord<>("t", new byte[] {1}), (metadata, e) -> {
                callbackThread.complete(Thread.currentThread());
                failure.complete(e);
            });

            assertThat(callbackThread.get(20, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
            assertThat(failure.get()).isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void reportsASynchronousFailureToTheCallback() throws Exception {
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        NonBlockingProducer producer = new NonBlockingProducer(properties(), () -> true);
        producer.close();

        producer.send(new ProducerRecord<>("t", new byte[] {1}), (metadata, e) -> failure.complete(e));

        assertThat(failure.get(20, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void staysOpenForTheNextUserUntilTheProgramStops() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        NonBlockingProducer producer = new NonBlockingProducer(properties(), stopping::get);

        producer.close();
        assertThat(producer.use()).isTrue();
        stopping.set(true);
        producer.close();

        assertThat(producer.use()).isFalse();
    }

    private static Properties properties() throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", "127.0.0.1:" + CaravanExtension.freePort());
        properties.put("max.block.ms", "300");
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        return properties;
    }
}
