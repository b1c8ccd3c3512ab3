package dev.caravan.platform.context;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RateLimitedLoggerTest {

    private final Logger log = new LoggerContext().getLogger("test");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long now = Long.MAX_VALUE - 1;
    private final RateLimitedLogger rateLimited = new RateLimitedLogger(() -> now);

    @BeforeEach
    void attachAppender() {
        lines.start();
        log.addAppender(lines);
    }

    @Test
    void logsOncePerMinuteWithTheNumberOfSuppressedWarnings() {
        warn("database", "first");
        now += TimeUnit.SECONDS.toNanos(1);
        warn("database", "second");
        now += TimeUnit.SECONDS.toNanos(58);
        warn("database", "third");
        assertThat(lines()).containsExactly("Unavailable: first");

        now += TimeUnit.SECONDS.toNanos(1);
        warn("database", "fourth");
        now += TimeUnit.MINUTES.toNanos(1);
        warn("database", "fifth");

        assertThat(lines())
                .containsExactly(
                        "Unavailable: first", "Unavailable: fourth (and 2 similar ones before)", "Unavailable: fifth");
    }

    @Test
    void causesAreIndependent() {
        warn("database", "first");
        warn("broker", "second");

        assertThat(lines()).containsExactly("Unavailable: first", "Unavailable: second");
    }

    private void warn(String cause, String what) {
        rateLimited.warn(log, cause, "Unavailable: {}", what);
    }

    private List<String> lines() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
