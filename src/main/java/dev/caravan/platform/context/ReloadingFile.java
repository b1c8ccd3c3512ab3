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
 * A file that is reloaded while the program runs. A change applies once two checks have read the same bytes, so that a
 * half-written file is ignored. An unreadable or invalid file is logged once and the previous content stays. Files of
 * up to 1 MiB.
 */
public final class ReloadingFile<T> {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingFile.class);
    private static final int MAX_BYTES = 1 << 20;

    private final String setting;
    private final Path path;
    private final Function<byte[], T> form;
    private volatile T current;
    private byte[] applied;
    private byte[] seen;
    private String complaint;

    /**
     * @param form reads the content; throws {@link IllegalArgumentException} saying what is invalid, without secrets
     * @throws IllegalArgumentException naming the setting, if the file is unreadable or invalid
     */
    public ReloadingFile(String setting, Path path, Function<byte[], T> form) {
        this.setting = setting;
        this.path = path;
        this.form = form;
        try {
            applied = bytes();
            current = form.apply(applied);
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + ": " + unreadable(e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
        seen = applied;
    }

    public T get() {
        return current;
    }

    /** Checks the file. Must be called by one thread at a time. */
    public void look() {
        byte[] now;
        try {
            now = bytes();
        } catch (IOException e) {
            complain(unreadable(e));
            return;
        }
        boolean stable = Arrays.equals(now, seen);
        seen = now;
        if (!stable) {
            return;
        }
        if (Arrays.equals(now, applied)) {
            complaint = null;
            return;
        }
        try {
            current = form.apply(now);
            applied = now;
            complaint = null;
            LOG.info("Reloaded {}", setting);
        } catch (IllegalArgumentException e) {
            complain(e.getMessage());
        }
    }

    private void complain(String what) {
        if (!what.equals(complaint)) {
            complaint = what;
            LOG.warn("Could not reload {}, its previous content stays in force: {}", setting, what);
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
