package dev.caravan.operations.components;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adds and removes components with Camel's downloader, from the repository in the user's settings.xml. */
class ComponentFolderTest {

    private static final String MAIL = "org.apache.camel:camel-mail:4.18.0";
    private static final String USER_HOME = "user.home";

    @TempDir
    private Path temp;

    private final String userHome = System.getProperty(USER_HOME);
    private LocalRepository repository;
    private Path lib;
    private ComponentFolder components;

    @BeforeEach
    void publish() throws Exception {
        System.setProperty(USER_HOME, temp.resolve("user").toString());
        repository = new LocalRepository(temp.resolve("repository"), temp.resolve("user"))
                .with("org.slf4j:slf4j-api:1.7.36")
                .with("test:mail-api:1.9")
                .with("test:mail-api:1.10")
                .with("commons-logging:commons-logging:1.2")
                .with(MAIL, "org.slf4j:slf4j-api:1.7.36", "test:mail-api:1.9", "commons-logging:commons-logging:1.2")
                .with("test:letters:1", "test:mail-api:1.10");
        lib = Files.createDirectories(temp.resolve("home/lib"));
        Files.createDirectories(lib.resolve("ext"));
        Files.createFile(lib.resolve("slf4j-api-2.0.17.jar"));
        Files.createFile(lib.resolve("camel-kafka-4.18.0.jar"));
        components = new ComponentFolder(temp.resolve("home"));
    }

    @AfterEach
    void restore() {
        System.setProperty(USER_HOME, userHome);
    }

    private ComponentFolder.Change add(String... names) throws ComponentException {
        return components.add(List.of(names), source(false), false);
    }

    private static ComponentFolder.Source source(boolean offline) {
        return new ComponentFolder.Source(List.of(), offline, progress -> {});
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(lib.resolve("ext"))) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void addsAComponentWithTheLibrariesThatAreMissing() throws Exception {
        ComponentFolder.Change change = add("camel-mail");

        assertThat(files()).containsExactly("camel-mail-4.18.0.jar", "components.json", "mail-api-1.9.jar");
        assertThat(change.added()).containsExactly("camel-mail-4.18.0.jar", "mail-api-1.9.jar");
        assertThat(change.notes())
                .containsExactlyInAnyOrder(
                        "camel-mail asks for slf4j-api 1.7.36 and gets the program's 2.0.17",
                        "commons-logging is left out: the program logs through SLF4J and Logback");
        assertThat(components.added().components()).containsOnlyKeys(Library.of(MAIL));
    }

    @Test
    void findsAComponentByItsScheme() throws Exception {
        assertThat(add("imaps").components()).containsExactly(Library.of(MAIL));
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        ComponentFolder.Change change = components.add(List.of("camel-mail"), source(false), true);

        assertThat(change.added()).containsExactly("camel-mail-4.18.0.jar", "mail-api-1.9.jar");
        assertThat(files()).isEmpty();
    }

    @Test
    void keepsTheNewerOfTwoVersions() throws Exception {
        add("camel-mail");

        ComponentFolder.Change change = add("test:letters:1");

        assertThat(files())
                .containsExactly("camel-mail-4.18.0.jar", "components.json", "letters-1.jar", "mail-api-1.10.jar");
        assertThat(change.notes())
                .containsExactly("camel-mail asks for mail-api 1.9 and gets 1.10, which another component needs");
    }

    @Test
    void keepsLibrariesThatOtherComponentsNeed() throws Exception {
        add("camel-mail", "test:letters:1");

        assertThat(components.remove(List.of("mail"), false).removed()).containsExactly("camel-mail-4.18.0.jar");
        assertThat(files()).containsExactly("components.json", "letters-1.jar", "mail-api-1.10.jar");

        components.remove(List.of("letters"), false);
        assertThat(files()).containsExactly("components.json");
    }

    @Test
    void keepsJarsOfTheUser() throws Exception {
        Files.createFile(lib.resolve("ext/own.jar"));
        add("camel-mail");

        components.remove(List.of("camel-mail"), false);

        assertThat(files()).containsExactly("components.json", "own.jar");
    }

    @Test
    void usesTheLocalRepositoryOffline() throws Exception {
        add("camel-mail");
        components.remove(List.of("camel-mail"), false);

        components.add(List.of("camel-mail"), source(true), false);

        assertThat(files()).contains("camel-mail-4.18.0.jar", "mail-api-1.9.jar");
        assertThatThrownBy(() -> components.add(List.of("test:letters:1"), source(true), false))
                .isInstanceOf(ComponentException.class)
                .hasMessageStartingWith("test:letters:1 is not in the local Maven repository")
                .hasMessageEndingWith("run the command without --offline");
    }

    @Test
    void rejectsAJarThatDiffersFromItsChecksum() throws Exception {
        repository.damage("test:mail-api:1.9");

        assertThatThrownBy(() -> add("camel-mail"))
                .isInstanceOf(ComponentException.class)
                .hasMessageContaining("mail-api-1.9.jar differs from the checksum of its repository");
        assertThat(files()).isEmpty();
    }

    @Test
    void rejectsAnotherVersionOfALibraryOfTheProgram() {
        assertThatThrownBy(() -> add("org.slf4j:slf4j-api:1.7.36"))
                .isInstanceOf(ComponentException.class)
                .hasMessage("The program has slf4j-api 2.0.17, so 1.7.36 cannot be added");
    }

    @Test
    void rejectsAnotherCamelVersion() {
        assertThatThrownBy(() -> add("org.apache.camel:camel-mail:4.17.0"))
                .isInstanceOf(ComponentException.class)
                .hasMessage("org.apache.camel:camel-mail:4.17.0 needs another Camel than the program's 4.18.0;"
                        + " write camel-mail without a version");
    }

    @Test
    void suggestsASimilarName() {
        assertThatThrownBy(() -> add("camel-mial"))
                .isInstanceOf(ComponentException.class)
                .hasMessage("camel-mial is not in the catalogue of Camel 4.18.0; did you mean camel-mail?");
        assertThatThrownBy(() -> add("camel-no-such-thing"))
                .isInstanceOf(ComponentException.class)
                .hasMessageEndingWith("for any other library write group:artifact:version");
    }

    @Test
    void reportsAMissingArtifact() {
        assertThatThrownBy(() -> add("test:absent:1"))
                .isInstanceOf(ComponentException.class)
                .hasMessageStartingWith("test:absent:1 was not found: ")
                .hasMessageContaining("--repository URL");
    }

    @Test
    void reportsUnreadableMavenSettings() throws Exception {
        Files.writeString(temp.resolve("user/.m2/settings.xml"), "<settings><mirr");

        assertThatThrownBy(() -> components.add(List.of("camel-mail"), source(true), false))
                .isInstanceOf(ComponentException.class)
                .hasMessageContaining("settings.xml");
    }
}
