package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.Launched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    void runsOnGivenBrokers() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
                Launched caravan = Launched.start(home, folder, Map.of("KAFKA_BROKERS", broker.bootstrapServers()))
                        .untilReady()) {
            assertThat(caravan.http()
                            .postJson("/api/v1/comments", "{\"text\":\"hello\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(caravan.terminate()).isZero();
        }
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
