package dev.caravan.platform.kafka;

import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.util.ObjectHelper;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Creates Camel's Kafka clients. */
public final class KafkaClients extends DefaultKafkaClientFactory implements CamelContextAware {

    /** Kafka's message when no broker host name can be resolved; it has no exception type for this. */
    private static final String UNRESOLVED = "No resolvable bootstrap urls";

    private final Map<Properties, NonBlockingProducer> producers = new ConcurrentHashMap<>();
    private CamelContext context;

    /**
     * One producer for each set of properties. It outlives its route, so that the edited route publishes at once: a new
     * producer would first look up the brokers and the topics.
     */
    @Override
    public Producer<Object, Object> getProducer(Properties properties) {
        try {
            return shared(properties);
        } catch (KafkaException e) {
            if (ObjectHelper.getException(ConfigException.class, e) == null
                    || !ErrorText.line(e).contains(UNRESOLVED)) {
                throw e;
            }
            return DelayedProducer.of(() -> shared(properties), this::isStopping);
        }
    }

    private Producer<Object, Object> shared(Properties properties) {
        return producers.compute(
                properties, (same, running) -> running != null && running.use() ? running : create(properties));
    }

    private boolean isStopping() {
        return context.isStopping() || context.isStopped();
    }

    private NonBlockingProducer create(Properties properties) {
        NonBlockingProducer producer = new NonBlockingProducer(properties, this::isStopping);
        producer.lookUp(context.getRegistry().findSingleByType(Topics.class).names());
        return producer;
    }

    @Override
    public Consumer<Object, Object> getConsumer(Properties properties) {
        ConsumerThreads consumerThreads = context.getRegistry().findSingleByType(ConsumerThreads.class);
        consumerThreads.awaitNextClient();
        BatchCommitListener batchCommitListener = context.getRegistry().findSingleByType(BatchCommitListener.class);
        String group = properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG);
        BatchCommitConsumer client = new BatchCommitConsumer(
                properties,
                batchCommitListener,
                new ConsumerThread(group),
                consumerThreads.blockedPartitions(),
                rebalanceTimer(group)::record,
                this::isStopping);
        batchCommitListener.threadsChanged(consumerThreads.add(client));
        return client;
    }

    private Timer rebalanceTimer(String group) {
        return Timer.builder("caravan.consumer.rebalance")
                .description("How long this process waited for its partitions")
                .tag("group", group)
                .register(context.getRegistry().findSingleByType(MeterRegistry.class));
    }

    @Override
    public void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    /** The executor that continues a route after Kafka's acknowledgement: the producer's thread, which must not block. */
    public static ExecutorService continuation() {
        return ImmediateEventExecutor.INSTANCE;
    }
}
