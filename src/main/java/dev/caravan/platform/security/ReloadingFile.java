package dev.caravan.platform.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file says, followed while the program runs. A change counts once two looks have seen the same bytes, so that
 * no half-written file is taken; one that cannot be read or understood changes nothing and is logged once. Files of up
 * to 1 MiB.
 */
final class ReloadingFile<T> {

    interface Form<T> {
        /** @throws IllegalArgumentException saying what is wrong, and nothing of what is secret */
        T of(byte[] bytes);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReloadingFile.class);
    private static final int MAX_BYTES = 1 << 20;

    private final String setting;
    private final Path path;
    private final Form<T> form;
    private volatile T current;
    private byte[] applied;
    private byte[] seen;
    private String complaint;

    /** @throws IllegalArgumentException naming the setting, when the file is not readable or not of the form */
    ReloadingFile(String setting, Path path, Form<T> form) {
        this.setting = setting;
        this.path = path;
        this.form = form;
        try {
            applied = bytes();
            current = form.of(applied);
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + ": " + unreadable(e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage(), e);
        }
        seen = applied;
    }

    T get() {
        return current;
    }

    /** From one thread at a time. */
    void look() {
        byte[] now;
        try {
            now = bytes();
        } catch (IOException e) {
            complain(unreadable(e));
            return;
        }
        boolean stands = Arrays.equals(now, seen);
        seen = now;
        if (!stands) {
            return;
        }
        if (Arrays.equals(now, applied)) {
            complaint = null;
            return;
        }
        try {
            current = form.of(now);
            applied = now;
            complaint = null;
            LOG.info("{} was read again", setting);
        } catch (IllegalArgumentException e) {
            complain(e.getMessage());
        }
    }

    private void complain(String what) {
        if (!what.equals(complaint)) {
            complaint = what;
            LOG.warn("{} is not taken, what it said before stays in force: {}", setting, what);
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
