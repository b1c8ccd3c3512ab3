package dev.caravan.operations.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import dev.caravan.support.LogCapture;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferedConsoleAppenderTest {

    /** More than the queue holds. */
    private static final int LINES = 10_000;

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void allLinesAreWrittenInOrderBeforeTheStop(String format) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LoggerContext context = LogCapture.shipped(format);
        LogCapture.console(context).setOutputStream(written);

        log(context);
        context.stop();

        assertThat(numbers(written)).isEqualTo(all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void loggingThreadsWaitWhileOutputIsBlocked(String format) throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch reader = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LoggerContext context = LogCapture.shipped(format);
        LogCapture.console(context).setOutputStream(new FilterOutputStream(written) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                stuck.countDown();
                try {
                    reader.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
                out.write(bytes, offset, length);
            }
        });
        Thread logging = new Thread(() -> log(context));

        logging.start();
        stuck.await();
        await().until(() ->
                Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING).contains(logging.getState()));
        assertThat(numbers(written)).isEmpty();
        reader.countDown();
        logging.join();
        context.stop();

        assertThat(numbers(written)).isEqualTo(all());
    }

    private static void log(LoggerContext context) {
        all().forEach(number -> context.getLogger("dev.caravan").info("number {}.", number));
    }

    private static List<Integer> all() {
        return IntStream.range(0, LINES).boxed().toList();
    }

    private static List<Integer> numbers(ByteArrayOutputStream written) {
        return written.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> Integer.valueOf(line.replaceAll(".*number (\\d+)\\..*", "$1")))
                .toList();
    }
}
