package dev.caravan.platform.context;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RepeatedTaskTest {

    private final Logger log = new LoggerContext().getLogger("test");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @Test
    void anErrorDoesNotCancelTheSchedule() throws InterruptedException {
        lines.start();
        log.addAppender(lines);
        CountDownLatch runs = new CountDownLatch(3);
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        try {
            executor.scheduleWithFixedDelay(
                    new RepeatedTask("The task", log, () -> {
                        runs.countDown();
                        throw new NoClassDefFoundError("com/example/Missing");
                    }),
                    0,
                    1,
                    TimeUnit.MILLISECONDS);

            assertThat(runs.await(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(lines.list)
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage()).startsWith("The task failed"))
                .satisfies(line ->
                        assertThat(line.getThrowableProxy().getClassName()).endsWith("NoClassDefFoundError"));
    }
}
