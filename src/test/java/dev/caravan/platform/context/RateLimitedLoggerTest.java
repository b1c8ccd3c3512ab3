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
    private final RateLimitedLogger gate = new RateLimitedLogger(() -> now);

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
    }

    @Test
    void saysTheFirstAtOnceAndTheNextAfterAMinuteWithHowManyWereHeldBack() {
        warn("database", "first");
        now += TimeUnit.SECONDS.toNanos(1);
        warn("database", "second");
        now += TimeUnit.SECONDS.toNanos(58);
        warn("database", "third");
        assertThat(lines()).containsExactly("It is away: first");

        now += TimeUnit.SECONDS.toNanos(1);
        warn("database", "fourth");
        now += TimeUnit.MINUTES.toNanos(1);
        warn("database", "fifth");

        assertThat(lines())
                .containsExactly(
                        "It is away: first", "It is away: fourth (and 2 more like it before)", "It is away: fifth");
    }

    @Test
    void oneCauseDoesNotHoldBackAnother() {
        warn("database", "first");
        warn("broker", "second");

        assertThat(lines()).containsExactly("It is away: first", "It is away: second");
    }

    private void warn(String cause, String what) {
        gate.warn(log, cause, "It is away: {}", what);
    }

    private List<String> lines() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
