package dev.caravan.operations.traces;

import dev.caravan.platform.database.TransactionPolicy;
import dev.caravan.platform.edge.KafkaHeaders;
import dev.caravan.platform.edge.MessageId;
import dev.caravan.platform.kafka.TargetTopic;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.component.sql.SqlEndpoint;
import org.apache.camel.model.PolicyDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.CamelContextHelper;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A span for each step that waits for Kafka or the database. Other steps are unchanged. The span of an SQL step is named
 * after the first word of its statement; no span contains statements or values.
 */
final class ProducerAndSqlSpans implements InterceptStrategy {

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("db.system.name");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("db.operation.name");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("camel.route.id");

    private final Tracer tracer;
    private final String database;

    ProducerAndSqlSpans(Tracer tracer, String database) {
        this.tracer = tracer;
        this.database = database;
    }

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        Endpoint endpoint = target instanceof EndpointAware step ? step.getEndpoint() : null;
        Optional<Function<Exchange, String>> topic = TargetTopic.of(target);
        StepSpan.Kind kind = null;
        if (topic.isPresent() && isSend(definition)) {
            kind = new Send(topic.get());
        } else if (endpoint instanceof SqlEndpoint sql) {
            kind = new Statement(firstWord(sql.getQuery()), CamelContextHelper.getRouteId(definition));
        } else if (definition instanceof PolicyDefinition policy
                && CamelContextHelper.lookup(context, policy.getRef()) instanceof TransactionPolicy) {
            kind = new Statement("TRANSACTION", CamelContextHelper.getRouteId(definition));
        }
        return kind == null ? target : new StepSpan(AsyncProcessorConverterHelper.convert(target), kind);
    }

    private static boolean isSend(NamedNode definition) {
        return definition instanceof ToDefinition || definition instanceof ToDynamicDefinition;
    }

    private static String firstWord(String query) {
        return query.strip().split("\\W", 2)[0].toUpperCase(Locale.ROOT);
    }

    private final class Send implements StepSpan.Kind {

        private final Function<Exchange, String> topics;

        Send(Function<Exchange, String> topics) {
            this.topics = topics;
        }

        @Override
        public SpanBuilder begin(Exchange exchange) {
            String topic = topics.apply(exchange);
            SpanBuilder span = tracer.spanBuilder("send " + topic).setSpanKind(SpanKind.PRODUCER);
            MessagingAttributes.describe(span, "send", topic);
            return span;
        }

        @Override
        public void begun(Span span, Exchange exchange) {
            Message message = exchange.getMessage();
            MessagingAttributes.key(span, message.getHeader(KafkaHeaders.KEY));
            span.setAttribute(MessagingAttributes.MESSAGE, message.getHeader(MessageId.HEADER, String.class));
            TraceContext.write(message, TraceContext.of(exchange));
        }

        @Override
        public void done(Span span, Exchange exchange) {
            List<?> receipts = exchange.getMessage().getHeader(KafkaHeaders.RECORD_META, List.class);
            if (receipts != null && receipts.size() == 1 && receipts.get(0) instanceof RecordMetadata receipt) {
                MessagingAttributes.position(span, receipt.partition(), receipt.hasOffset() ? receipt.offset() : null);
            }
        }
    }

    private final class Statement implements StepSpan.Kind {

        private final String operation;
        private final String routeId;

        Statement(String operation, String routeId) {
            this.operation = operation;
            this.routeId = routeId;
        }

        @Override
        public SpanBuilder begin(Exchange exchange) {
            return tracer.spanBuilder(operation)
                    .setSpanKind(SpanKind.CLIENT)
                    .setAttribute(SYSTEM, database)
                    .setAttribute(OPERATION, operation)
                    .setAttribute(ROUTE, routeId);
        }
    }
}
