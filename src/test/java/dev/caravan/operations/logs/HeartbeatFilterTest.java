package dev.caravan.operations.logs;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import dev.caravan.support.LogCapture;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeartbeatFilterTest {

    private static final String CONTROLLER = "org.apache.kafka.controller.ReplicationControlManager";

    @Test
    void dropsLateHeartbeatsOnly() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LoggerContext context = LogCapture.shipped("text");
        LogCapture.console(context).setOutputStream(written);

        context.getLogger(CONTROLLER)
                .error(
                        "[QuorumController id=1] {}: controller event queue overloaded. Timed out heartbeat from broker {}.",
                        "processExpiredBrokerHeartbeat",
                        1);
        context.getLogger("kafka.server.BrokerLifecycleManager")
                .warn("Broker 1 sent a heartbeat request but received error REQUEST_TIMED_OUT.");
        context.getLogger(CONTROLLER).error("another error of the controller");
        context.getLogger("kafka.server.BrokerLifecycleManager").warn("another warning of the broker");
        context.stop();

        assertThat(written.toString(StandardCharsets.UTF_8).lines()).hasSize(2).allSatisfy(line -> assertThat(line)
                .contains("another"));
    }
}
