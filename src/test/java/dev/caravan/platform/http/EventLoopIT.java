package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import dev.caravan.support.Http.Answer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Vert.x logs a warning with the thread's stack when a task occupies an event loop for too long. Only a stack that shows a wait or
 * database access counts, because on a busy machine any other task may be as slow.
 */
class EventLoopIT {

    /** Warns after half a second, and always with the stack; Vert.x' defaults are 2 s and 5 s. */
    private static final Map<String, String> STRICT = Map.of(
            "camel.beans.strict", "#class:io.vertx.core.VertxOptions",
            "camel.beans.strict.maxEventLoopExecuteTime", "500000000",
            "camel.beans.strict.warningExceptionTime", "1",
            "camel.beans.strict.blockedThreadCheckInterval", "50");

    /** Beginnings of the JDK's methods that wait for a lock, for time or for a socket. */
    private static final Set<String> WAITS = Set.of(
            "jdk.internal.misc.Unsafe.park", "java.lang.Object.wait", "java.lang.Thread.sleep", "sun.nio.ch.Net.poll");

    private static final int CALLERS = 8;
    private static final int EACH = 60;

    private final Logger checker = (Logger) LoggerFactory.getLogger("io.vertx.core.impl.BlockedThreadChecker");
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    private static Program program;

    @BeforeAll
    static void start() throws Exception {
        program = Program.start(STRICT);
    }

    @AfterAll
    static void stop() throws Exception {
        program.close();
    }

    @BeforeEach
    void listen() {
        warnings.start();
        checker.addAppender(warnings);
    }

    @AfterEach
    void leave() {
        checker.detachAppender(warnings);
    }

    @Test
    void noOperationBlocksTheEventLoopUnderLoad() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            // The first request of each kind loads classes, which is not the work of a route.
            await().untilAsserted(() -> assertThat(everyOperation(program.http(), "warm"))
                    .allSatisfy(answer -> assertThat(answer.status()).isBetween(200, 299)));
            warnings.list.clear();

            List<Future<?>> calls = IntStream.range(0, CALLERS)
                    .<Future<?>>mapToObj(caller -> callers.submit(() ->
                            IntStream.range(0, EACH).forEach(i -> everyOperation(program.http(), caller + "-" + i))))
                    .toList();
            for (Future<?> each : calls) {
                each.get();
            }
        } finally {
            callers.shutdownNow();
        }

        assertThat(blocked()).isEmpty();
    }

    @Test
    void detectsAStepThatBlocksTheEventLoop() throws Exception {
        program.caravan().context().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/blocks")
                        .routeId("blocks")
                        .routeConfigurationId("http,event-loop")
                        .delay(Duration.ofSeconds(1).toMillis())
                        .syncDelayed();
            }
        });

        // A busy machine's checker may miss one request.
        await().untilAsserted(() -> {
            program.http().get("/blocks");
            assertThat(blocked()).isNotEmpty();
        });
    }

    private List<String> blocked() {
        return List.copyOf(warnings.list).stream()
                .map(ILoggingEvent::getThrowableProxy)
                .filter(EventLoopIT::blocks)
                .map(ThrowableProxyUtil::asString)
                .toList();
    }

    private static boolean blocks(IThrowableProxy warning) {
        List<StackTraceElement> stack = Arrays.stream(warning.getStackTraceElementProxyArray())
                .map(StackTraceElementProxy::getStackTraceElement)
                .toList();
        String top = stack.get(0).getClassName() + "." + stack.get(0).getMethodName();
        return WAITS.stream().anyMatch(top::startsWith)
                || stack.stream().anyMatch(call -> call.getClassName().startsWith("com.zaxxer.hikari."));
    }

    /** Publishes with and without the database, and reads. */
    private static List<Answer> everyOperation(Http http, String id) {
        String order = "{\"id\":\"" + id
                + "\",\"user_id\":\"u\",\"total\":1,\"status\":\"s\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        Map<String, String> once = Map.of("Content-Type", "application/json", "Idempotency-Key", id);
        return List.of(
                http.postJson("/order", order),
                http.send("POST", "/order", order, once),
                http.postForm("/send", "fromID=2&toID=1&message=" + id),
                http.postJson("/api/v1/comments", "{\"text\":\"" + id + "\"}"),
                http.postJson("/api/v1/events", "[{\"value\":1},{\"value\":2}]"),
                http.get("/notifications/1?limit=5"),
                http.get("/api/v1/comments?limit=5"));
    }
}
