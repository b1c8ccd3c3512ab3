package dev.caravan.operations.components;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.caravan.platform.context.ErrorText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.tooling.maven.MavenArtifact;
import org.apache.camel.tooling.maven.MavenDownloaderImpl;
import org.apache.camel.tooling.maven.MavenGav;
import org.apache.camel.tooling.maven.MavenResolutionException;
import org.apache.camel.tooling.maven.RemoteArtifactDownloadListener;
import org.apache.camel.util.ObjectHelper;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.util.version.GenericVersionScheme;
import org.eclipse.aether.version.InvalidVersionSpecificationException;
import org.eclipse.aether.version.Version;
import org.slf4j.LoggerFactory;

/**
 * Resolves components with the downloader of {@code camel run}. It honours mirrors, proxies, credentials and
 * repositories of {@code ~/.m2/settings.xml}, and uses files of {@code ~/.m2/repository}.
 *
 * <p>Every jar is compared with the SHA-1 checksum of its repository, even if it was downloaded earlier. A jar that was
 * installed locally has no checksum.
 */
final class ComponentDownload implements AutoCloseable {

    private final MavenDownloaderImpl downloader = new MavenDownloaderImpl();
    private final Map<String, Path> files = new HashMap<>();
    private final boolean offline;

    /**
     * @param repositories URLs in addition to Maven Central
     * @param progress receives each download as it begins
     * @throws ComponentException if the settings of the user or a repository's URL are invalid
     */
    ComponentDownload(List<String> repositories, boolean offline, Consumer<String> progress) throws ComponentException {
        this.offline = offline;
        createLocalRepository();
        downloader.setOffline(offline);
        if (!repositories.isEmpty()) {
            downloader.setRepos(String.join(",", repositories));
        }
        downloader.setRemoteArtifactDownloadListener(new RemoteArtifactDownloadListener() {
            @Override
            public void artifactDownloading(
                    String group, String artifact, String version, String repository, String url) {
                progress.accept(artifact + " " + version);
            }

            @Override
            public void artifactDownloaded(
                    String group, String artifact, String version, String repository, String url, long elapsed) {
                // The next progress line implies it.
            }
        });
        List<String> warnings = new ArrayList<>();
        // The downloader only logs that it cannot read the user's settings, and continues without them.
        Logger logger = (Logger) LoggerFactory.getLogger(MavenDownloaderImpl.class);
        AppenderBase<ILoggingEvent> collector = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                warnings.add(event.getFormattedMessage().replaceAll("\\s+", " "));
            }
        };
        collector.start();
        logger.setLevel(Level.WARN);
        logger.addAppender(collector);
        downloader.start();
        logger.detachAppender(collector);
        if (!warnings.isEmpty()) {
            close();
            throw new ComponentException(String.join("; ", warnings));
        }
    }

    /** Without this folder the downloader would use a temporary one. */
    private static void createLocalRepository() {
        try {
            Files.createDirectories(Path.of(System.getProperty("user.home"), ".m2", "repository"));
        } catch (IOException e) {
            // The user has no home, as in a container, so the temporary folder is used.
            return;
        }
    }

    /**
     * The component and all its runtime dependencies.
     *
     * @throws ComponentException if one cannot be resolved, or differs from its checksum
     */
    List<Library> resolve(Library component) throws ComponentException {
        List<MavenArtifact> artifacts;
        try {
            artifacts = downloader.resolveArtifacts(List.of(requested(component)), null, true, false);
        } catch (MavenResolutionException e) {
            throw new ComponentException(reason(component, e));
        }
        List<Library> libraries = new ArrayList<>();
        for (MavenArtifact each : artifacts) {
            MavenGav gav = each.getGav();
            Path file = each.getFile().toPath();
            if (file.toString().endsWith(".jar")) {
                verify(file);
                Library library = new Library(
                        gav.getGroupId(),
                        gav.getArtifactId(),
                        gav.getVersion(),
                        gav.getClassifier() == null ? "" : gav.getClassifier());
                libraries.add(library);
                files.put(library.file(), file);
            }
        }
        return libraries;
    }

    /** The resolved jars, by file name. */
    Map<String, Path> files() {
        return Map.copyOf(files);
    }

    /** Compares versions as Maven does. */
    static Comparator<String> versions() {
        GenericVersionScheme scheme = new GenericVersionScheme();
        return Comparator.comparing(text -> version(scheme, text));
    }

    private static Version version(GenericVersionScheme scheme, String text) {
        try {
            return scheme.parseVersion(text);
        } catch (InvalidVersionSpecificationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String requested(Library component) {
        return component.classifier().isEmpty()
                ? component.toString()
                : component.group() + ":" + component.artifact() + ":jar:" + component.classifier() + ":"
                        + component.version();
    }

    private String reason(Library component, MavenResolutionException e) {
        String line = ErrorText.root(e, 500);
        if (offline) {
            return component + " is not in the local Maven repository: " + line + "; run the command without --offline";
        }
        return ObjectHelper.getException(ArtifactNotFoundException.class, e) != null
                ? component + " was not found: " + line + "; check its name and version, or name its repository with"
                        + " --repository URL"
                : component + " could not be downloaded: " + line + "; if this machine needs a mirror or a proxy,"
                        + " configure it in ~/.m2/settings.xml";
    }

    private static void verify(Path file) throws ComponentException {
        Path checksum = file.resolveSibling(file.getFileName() + ".sha1");
        if (!Files.exists(checksum)) {
            return;
        }
        try {
            String expected =
                    Files.readString(checksum, StandardCharsets.US_ASCII).strip();
            String actual =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(Files.readAllBytes(file)));
            if (!expected.split("\\s+", 2)[0].equalsIgnoreCase(actual)) {
                throw new ComponentException(file + " differs from the checksum of its repository; delete the folder "
                        + file.getParent() + " and try again");
            }
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new ComponentException(file + " cannot be checked: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        downloader.stop();
    }
}
