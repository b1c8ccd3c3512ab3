package dev.caravan.operations.traces;

import dev.caravan.platform.context.EscapedText;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import java.nio.charset.StandardCharsets;

/** Span attributes of records, with OpenTelemetry's names. */
final class MessagingAttributes {

    static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
    static final AttributeKey<String> MESSAGE = AttributeKey.stringKey("messaging.message.id");

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
    private static final AttributeKey<String> KEY = AttributeKey.stringKey("messaging.kafka.message.key");
    private static final int MAX_KEY_LENGTH = 200;

    private MessagingAttributes() {}

    static void describe(SpanBuilder span, String operation, String topic) {
        span.setAttribute(SYSTEM, "kafka");
        span.setAttribute(OPERATION, operation);
        span.setAttribute(OPERATION_TYPE, operation);
        span.setAttribute(DESTINATION, topic);
    }

    static void key(Span span, Object key) {
        if (key != null && span.isRecording()) {
            String text = key instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : key.toString();
            span.setAttribute(KEY, EscapedText.line(text, MAX_KEY_LENGTH));
        }
    }

    static void position(Span span, int partition, Long offset) {
        span.setAttribute(PARTITION, Integer.toString(partition));
        if (offset != null) {
            span.setAttribute(OFFSET, offset);
        }
    }
}
