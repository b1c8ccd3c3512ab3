package dev.caravan.operations.components;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Maven repository in a folder, and user settings that make it the mirror of all repositories. */
final class LocalRepository {

    private final Path folder;

    LocalRepository(Path folder, Path userHome) throws IOException {
        this.folder = folder;
        Path m2 = Files.createDirectories(userHome.resolve(".m2/repository")).getParent();
        Files.writeString(
                m2.resolve("settings.xml"),
                """
                <settings>
                  <mirrors><mirror><id>all</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>
                </settings>
                """
                        .formatted(folder.toUri()));
    }

    /** Publishes a library that depends on others. */
    LocalRepository with(String coordinates, String... dependencies) throws IOException, NoSuchAlgorithmException {
        Library library = Library.of(coordinates);
        Path at = Files.createDirectories(folder.resolve(library.group().replace('.', '/'))
                .resolve(library.artifact())
                .resolve(library.version()));
        String pom = "<project><modelVersion>4.0.0</modelVersion>" + names(library) + "<dependencies>"
                + Stream.of(dependencies)
                        .map(Library::of)
                        .map(each -> "<dependency>" + names(each) + "</dependency>")
                        .collect(Collectors.joining())
                + "</dependencies></project>";
        publish(at.resolve(library.file().replace(".jar", ".pom")), pom);
        publish(at.resolve(library.file()), coordinates);
        return this;
    }

    private static String names(Library library) {
        return "<groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>"
                .formatted(library.group(), library.artifact(), library.version());
    }

    private static void publish(Path file, String content) throws IOException, NoSuchAlgorithmException {
        Files.writeString(file, content);
        Files.writeString(
                file.resolveSibling(file.getFileName() + ".sha1"),
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-1").digest(content.getBytes(StandardCharsets.UTF_8))));
    }

    /** Changes a jar without its checksum. */
    void damage(String coordinates) throws IOException {
        Library library = Library.of(coordinates);
        Files.writeString(
                folder.resolve(library.group().replace('.', '/'))
                        .resolve(library.artifact())
                        .resolve(library.version())
                        .resolve(library.file()),
                "damaged");
    }
}
