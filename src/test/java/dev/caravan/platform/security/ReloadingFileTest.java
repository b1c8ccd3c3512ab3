package dev.caravan.platform.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.platform.context.ReloadingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ReloadingFileTest {

    @TempDir
    Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger(ReloadingFile.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Path path;
    private ReloadingFile<Tokens> file;

    @BeforeEach
    void write() throws IOException {
        log.start();
        logger.addAppender(log);
        path = Files.writeString(folder.resolve("tokens"), "a=1\n");
        file = new ReloadingFile<>("AUTH_TOKENS_FILE", path, Tokens::ofFile);
    }

    @AfterEach
    void detach() {
        logger.detachAppender(log);
    }

    @Test
    void appliesAChangeOnceItIsStable() throws IOException {
        Files.writeString(path, "a=1\nb=2\n");
        file.refresh();
        assertThat(file.get().caller("b")).as("it may be half written").isEmpty();

        file.refresh();

        assertThat(file.get().caller("b")).isPresent();
        assertThat(file.get().caller("a")).isPresent();
    }

    @Test
    void rejectsRemovedTokens() throws IOException {
        Files.writeString(path, "b=2\n");
        look(2);

        assertThat(file.get().caller("a")).isEmpty();
    }

    @Test
    void ignoresAFileThatKeepsChanging() throws IOException {
        for (int i = 0; i < 5; i++) {
            Files.writeString(path, "b=" + i + "\n");
            file.refresh();
        }

        assertThat(file.get().caller("b")).isEmpty();
        assertThat(file.get().caller("a")).isPresent();
    }

    @Test
    void logsAnInvalidFileOnceAndKeepsThePreviousTokens() throws IOException {
        Files.writeString(path, "b=2\nhunter2\n");
        look(5);

        assertThat(file.get().caller("a")).isPresent();
        assertThat(file.get().caller("b")).isEmpty();
        assertThat(lines())
                .singleElement()
                .asString()
                .contains("AUTH_TOKENS_FILE", "line 2")
                .doesNotContain("hunter2");
    }

    @Test
    void logsAMissingFileOnceAndKeepsThePreviousTokens() throws IOException {
        Files.delete(path);
        look(5);

        assertThat(file.get().caller("a")).isPresent();
        assertThat(lines()).singleElement().asString().contains("no such file");
    }

    @Test
    void appliesAFileOnceItIsValidAgain() throws IOException {
        Files.writeString(path, "hunter2\n");
        look(3);
        Files.writeString(path, "b=2\n");
        look(2);

        assertThat(file.get().caller("b")).isPresent();
    }

    @Test
    void rejectsAnInvalidFileAtStartup() throws IOException {
        Files.writeString(path, "a=1\nhunter2\n");

        assertThatThrownBy(() -> new ReloadingFile<>("AUTH_TOKENS_FILE", path, Tokens::ofFile))
                .hasMessage("AUTH_TOKENS_FILE: line 2 is not token=userId[:role+role]");
        assertThatThrownBy(() -> new ReloadingFile<>("AUTH_TOKENS_FILE", folder.resolve("none"), Tokens::ofFile))
                .hasMessageContaining("no such file");
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            file.refresh();
        }
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
