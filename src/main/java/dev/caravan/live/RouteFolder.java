package dev.caravan.live;

import dev.caravan.platform.context.Location;
import dev.caravan.platform.context.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/** The location of the route files: a folder, or {@code classpath:} for the packaged files. */
final class RouteFolder {

    private static final int MAX_BYTES = 1 << 20;

    /** The content of the folder, by file name. */
    record Reading(Map<String, RouteFile> files, Map<String, InvalidRouteFileException> unreadable) {}

    private final CamelContext context;
    private final Location folder;

    RouteFolder(CamelContext context, Location folder) {
        this.context = context;
        this.folder = folder;
    }

    boolean canChange() {
        return !folder.isShipped();
    }

    /**
     * A fingerprint of the folder: names, sizes, times and link targets.
     *
     * @throws IOException if the folder cannot be read
     */
    Map<String, String> state() throws IOException {
        Map<String, String> state = new TreeMap<>();
        for (Path file : paths()) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                state.put(
                        file.getFileName().toString(),
                        attributes.size() + " " + attributes.lastModifiedTime().toMillis() + " "
                                + attributes.fileKey());
            } catch (IOException e) {
                state.put(file.getFileName().toString(), e.toString());
            }
        }
        return state;
    }

    Reading read() throws IOException {
        Reading reading = new Reading(new TreeMap<>(), new TreeMap<>());
        if (!canChange()) {
            for (Resource resource : packagedFiles()) {
                String location = resource.getLocation();
                String name = location.substring(location.lastIndexOf('/') + 1);
                try (InputStream in = resource.getInputStream()) {
                    String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    reading.files().put(name, new RouteFile(name, location, text));
                }
            }
            return reading;
        }
        for (Path path : paths()) {
            try {
                RouteFile file = read(path, folder.path());
                reading.files().put(file.name(), file);
            } catch (InvalidRouteFileException e) {
                reading.unreadable().put(e.file(), e);
            }
        }
        return reading;
    }

    private List<Resource> packagedFiles() throws IOException {
        try {
            return Stream.concat(find("yaml"), find("xml")).toList();
        } catch (Exception e) {
            throw new IOException(folder.text() + " cannot be read", e);
        }
    }

    private Stream<Resource> find(String extension) throws Exception {
        return PluginHelper.getPackageScanResourceResolver(context)
                .findResources(folder.text() + "/*." + extension)
                .stream();
    }

    List<Path> paths() throws IOException {
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.filter(RouteFolder::isRouteFile).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Excludes the temporary files of editors. */
    static boolean isRouteFile(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".xml"));
    }

    /** @param folder that links must not leave; null if the user named the file explicitly */
    static RouteFile read(Path file, Path folder) throws InvalidRouteFileException {
        String name = file.getFileName().toString();
        try {
            Path real = file.toRealPath();
            if (folder != null && !real.startsWith(folder.toRealPath())) {
                throw new InvalidRouteFileException(name, "it is a link to a file outside the routes folder");
            }
            if (!Files.isRegularFile(real)) {
                throw new InvalidRouteFileException(name, "it is not a file");
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(real)) {
                bytes = in.readNBytes(MAX_BYTES + 1);
            }
            if (bytes.length > MAX_BYTES) {
                throw new InvalidRouteFileException(name, "it is larger than " + MAX_BYTES / 1024 + " KiB");
            }
            return new RouteFile(
                    name,
                    "file:" + file.toAbsolutePath(),
                    Utf8.decode(bytes).orElseThrow(() -> new InvalidRouteFileException(name, "it is not UTF-8")));
        } catch (IOException e) {
            throw new InvalidRouteFileException(name, Location.reason(e));
        }
    }
}
