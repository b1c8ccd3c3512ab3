package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The packaged program without the jars of the embedded broker, as in the container image. */
class WithoutBrokerIT {

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void copyWithoutBroker() throws IOException {
        home = CaravanProcess.copy(folder.resolve("caravan"));
        FileSystemUtils.deleteRecursively(home.resolve("lib/broker"));
    }

    @Test
    void runsOnGivenBrokersWithTheModulesOfTheImage() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                CaravanProcess caravan = CaravanProcess.start(
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
    void withoutBrokersItNamesTheMissingSetting() throws Exception {
        try (CaravanProcess caravan = CaravanProcess.start(home, folder, Map.of())) {
            assertThat(caravan.exitCode()).isEqualTo(2);
            assertThat(caravan.output())
                    .contains("caravan: This package has no embedded broker (lib/broker): set KAFKA_BROKERS");
        }
    }
}
