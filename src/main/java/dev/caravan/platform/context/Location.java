package dev.caravan.platform.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;

/**
 * The file or folder of a setting: a path with or without {@code file:}, or {@code classpath:} and a resource of the
 * program. A path is taken literally; Camel's own {@code file:} decodes {@code +} and {@code %}.
 *
 * @param text the value of the setting
 */
public record Location(String text) {

    private static final String CLASSPATH = "classpath:";
    private static final String FILE = "file:";

    /** Whether it is a resource of the program, which users cannot edit. */
    public boolean isShipped() {
        return text.startsWith(CLASSPATH);
    }

    /** The path in the file system. Not defined for a resource of the program. */
    public Path path() {
        return Path.of(text.startsWith(FILE) ? text.substring(FILE.length()) : text);
    }

    public Location file(String name) {
        return new Location(text + "/" + name);
    }

    /** The sorted names of a folder's files with this suffix. Not defined for a resource of the program. */
    public List<String> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(path())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix) && !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** The file's bytes; empty if there is no such file. */
    public Optional<byte[]> read(CamelContext context) throws IOException {
        if (!isShipped()) {
            try {
                return Optional.of(Files.readAllBytes(path()));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }
        try (InputStream in = context.getClassResolver().loadResourceAsStream(text.substring(CLASSPATH.length()))) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        }
    }

    /** Why a file or folder could not be read, for an error message. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file or folder";
        }
        if (e instanceof NotDirectoryException) {
            return "it is not a folder";
        }
        return e instanceof AccessDeniedException ? "this user may not read it" : "it cannot be read";
    }
}
