package dev.caravan.operations.console;

import dev.caravan.platform.context.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.GZIPOutputStream;

/**
 * A file of the console, read once. Libraries come from their own jars.
 *
 * @param tag changes with the content
 */
record PageFile(byte[] bytes, byte[] compressed, String type, String tag) {

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    /** A file in a library's jar. Its folder name contains the library's version, which the jar's properties tell. */
    private record Library(String group, String artifact, String root, String file) {

        private String location() throws IOException {
            String properties = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
            try (InputStream in = PageFile.class.getResourceAsStream(properties)) {
                Properties read = new Properties();
                read.load(in);
                return "/META-INF/resources/" + root + "/" + artifact + "/" + read.getProperty("version") + "/" + file;
            }
        }
    }

    private static final Map<String, Library> LIBRARIES = Map.of(
            "lib/preact.js", new Library("org.webjars.npm", "preact", "webjars", "dist/preact.module.js"),
            "lib/hooks.js", new Library("org.webjars.npm", "preact", "webjars", "hooks/dist/hooks.module.js"),
            "lib/htm.js", new Library("org.mvnpm", "htm", "_static", "dist/htm.module.js"));

    static Optional<PageFile> of(String name) {
        try {
            Library library = LIBRARIES.get(name);
            String location = library == null ? "/console/" + name : library.location();
            try (InputStream in = PageFile.class.getResourceAsStream(location)) {
                return in == null ? Optional.empty() : Optional.of(of(name, in.readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PageFile of(String name, byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        String tag = '"'
                + Base64.getEncoder()
                        .encodeToString(Sha256.of(bytes))
                        .substring(0, 22)
                        .replaceAll("\\W", "")
                + '"';
        return new PageFile(bytes, compressed.toByteArray(), type, tag);
    }
}
