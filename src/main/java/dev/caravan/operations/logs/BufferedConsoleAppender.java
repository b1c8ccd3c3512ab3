package dev.caravan.operations.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.BufferedOutputStream;
import java.io.OutputStream;

/** Buffers standard output. The lines are written when the surrounding appender flushes. */
public final class BufferedConsoleAppender extends ConsoleAppender<ILoggingEvent> {

    private static final int BYTES = 64 * 1024;

    public BufferedConsoleAppender() {
        setImmediateFlush(false);
    }

    @Override
    public void setOutputStream(OutputStream console) {
        super.setOutputStream(new BufferedOutputStream(console, BYTES));
    }
}
