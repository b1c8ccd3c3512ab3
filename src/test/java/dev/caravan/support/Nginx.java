package dev.caravan.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** An nginx with its files in one folder, which any user can run. */
public final class Nginx implements AutoCloseable {

    public static final String MISSING = "nginx is not installed (Debian: package nginx)";

    private final Path folder;
    private final Process process;

    private Nginx(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    public static boolean isInstalled() {
        return binary().isPresent();
    }

    private static Optional<Path> binary() {
        // The PATH of users often lacks the sbin folders.
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator)),
                        Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(place -> Path.of(place, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param http the content of the block {@code http} */
    public static Nginx start(Path folder, String http) throws IOException {
        Path binary = binary().orElseThrow(() -> new IOException(MISSING));
        Path configuration = write(folder, http);
        return new Nginx(
                folder,
                new ProcessBuilder(binary.toString(), "-p", folder.toString(), "-c", configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output.log").toFile())
                        .start());
    }

    private static Path write(Path folder, String http) throws IOException {
        return Files.writeString(
                folder.resolve("nginx.conf"),
                """
                daemon off;
                pid nginx.pid;
                error_log error.log info;
                events {}
                http {
                  access_log off;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                %s
                }
                """
                        .formatted(http));
    }

    /** Applies another configuration to new connections. */
    public void reload(String http) throws IOException, InterruptedException {
        write(folder, http);
        CaravanProcess.signal("HUP", process.pid());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
