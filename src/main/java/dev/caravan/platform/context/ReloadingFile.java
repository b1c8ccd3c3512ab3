package dev.caravan.platform.context;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of at most 1 MiB that is reloaded while the program runs. A change applies once two checks have read the same
 * bytes, so that a half-written file is ignored. If the file is unreadable or invalid, that is logged once and the
 * previous content stays in force.
 */
public final class ReloadingFile<T> {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingFile.class);
    private static final int MAX_BYTES = 1 << 20;

    private final String setting;
    private final Path path;
    private final Function<byte[], T> parser;
    private volatile T current;
    private byte[] applied;
    private byte[] lastRead;
    private String lastProblem;

    /**
     * @param parser throws an {@link IllegalArgumentException} for invalid content; its message contains no secrets
     * @throws IllegalArgumentException naming the setting, if the file is unreadable or invalid
     */
    public ReloadingFile(String setting, Path path, Function<byte[], T> parser) {
        this.setting = setting;
        this.path = path;
        this.parser = parser;
        try {
            applied = bytes();
            current = parser.apply(applied);
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + ": " + unreadable(e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
        lastRead = applied;
    }

    public T get() {
        return current;
    }

    /** Applies a change of the file. Must be called by one thread at a time. */
    public void refresh() {
        byte[] content;
        try {
            content = bytes();
        } catch (IOException e) {
            report(unreadable(e));
            return;
        }
        boolean stable = Arrays.equals(content, lastRead);
        lastRead = content;
        if (!stable) {
            return;
        }
        if (Arrays.equals(content, applied)) {
            lastProblem = null;
            return;
        }
        try {
            current = parser.apply(content);
            applied = content;
            lastProblem = null;
            LOG.info("Reloaded {}", setting);
        } catch (IllegalArgumentException e) {
            report(e.getMessage());
        }
    }

    private void report(String problem) {
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            LOG.warn("Could not reload {}, its previous content stays in force: {}", setting, problem);
        }
    }

    private byte[] bytes() throws IOException {
        if (Files.size(path) > MAX_BYTES) {
            throw new IOException("it is larger than " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(path);
    }

    private String unreadable(IOException e) {
        return path + " cannot be read"
                + (e instanceof NoSuchFileException ? ", there is no such file" : ": " + e.getMessage());
    }
}
