package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.Launched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package as the container image has it: without the jars of the embedded broker. */
class WithoutBrokerIT {

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void copyWithoutBroker() throws IOException {
        home = folder.resolve("caravan");
        try (Stream<Path> files = Files.walk(Launched.HOME)) {
            for (Path file : files.filter(each -> !each.startsWith(Launched.HOME.resolve("lib/broker")))
                    .filter(each -> !each.startsWith(Launched.HOME.resolve("data")))
                    .toList()) {
                Files.copy(file, home.resolve(Launched.HOME.relativize(file)));
            }
        }
    }

    @Test
    void runsOnGivenBrokersWithTheModulesOfTheImage() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Launched caravan = Launched.start(
                                home,
                                folder,
                                Map.of(
                                        "KAFKA_BROKERS",
                                        broker.bootstrapServers(),
                                        "JAVA_OPTS",
                                        "--limit-modules=" + modulesOfTheImage()))
                        .untilReady()) {
            assertThat(caravan.http()
                            .postJson("/api/v1/comments", "{\"text\":\"hello\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(caravan.terminate()).isZero();
        }
    }

    private static String modulesOfTheImage() throws IOException {
        Matcher modules =
                Pattern.compile("jlink --add-modules (\\S+)").matcher(Files.readString(Path.of("Dockerfile")));
        assertThat(modules.find()).isTrue();
        return modules.group(1);
    }

    @Test
    void saysWhatIsMissingWhenItHasToEmbedOne() throws Exception {
        try (Launched caravan = Launched.start(home, folder, Map.of())) {
            assertThat(caravan.exitCode()).isEqualTo(2);
            assertThat(caravan.output())
                    .contains("caravan: This package has no embedded broker (lib/broker): set KAFKA_BROKERS");
        }
    }
}
