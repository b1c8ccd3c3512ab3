package dev.caravan.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.tooling.maven.MavenDownloaderImpl;
import org.apache.camel.tooling.maven.MavenResolutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program with the jars of a newer Camel, as far as the Maven repository has them. */
class NewerCamelIT {

    private static final String NEWER = "4.22.0";
    private static final String BUILT_WITH = "-4.18.0.jar";

    @TempDir
    private Path folder;

    /** @return the replaced artifacts */
    private static List<String> replaceCamel(Path lib) throws IOException {
        List<String> replaced = new ArrayList<>();
        List<Path> jars;
        try (Stream<Path> files = Files.list(lib)) {
            jars = files.filter(each -> each.getFileName().toString().startsWith("camel-"))
                    .filter(each -> each.toString().endsWith(BUILT_WITH))
                    .toList();
        }
        try (MavenDownloaderImpl downloader = new MavenDownloaderImpl()) {
            downloader.start();
            for (Path jar : jars) {
                String artifact = jar.getFileName().toString().replace(BUILT_WITH, "");
                try {
                    Path newer = downloader
                            .resolveArtifacts(List.of("org.apache.camel:" + artifact + ":" + NEWER), null, false, false)
                            .get(0)
                            .getFile()
                            .toPath();
                    Files.copy(newer, lib.resolve(newer.getFileName()));
                    Files.delete(jar);
                    replaced.add(artifact);
                } catch (MavenResolutionException e) {
                    // The repository does not have this jar.
                    continue;
                }
            }
        }
        return replaced;
    }

    @Test
    void processesStoresAndRejectsRecords() throws Exception {
        Path home = CaravanProcess.copy(folder.resolve("caravan"));
        assumeThat(replaceCamel(home.resolve("lib"))).contains("camel-kafka", "camel-base-engine", "camel-yaml-dsl");
        int kafka = CaravanExtension.freePort();
        String id = UUID.randomUUID().toString();

        try (CaravanProcess caravan = CaravanProcess.start(
                        home,
                        folder,
                        Map.of("KAFKA_EMBEDDED_PORT", Integer.toString(kafka), "RETRY_DELAYS", "100ms,200ms,300ms"))
                .untilReady()) {
            assertThat(caravan.http()
                            .postJson(
                                    "/order",
                                    "{\"id\":\"" + id + "\",\"user_id\":\"u\",\"total\":1.50,\"status\":\"new\","
                                            + "\"timestamp\":\"2025-10-06T17:00:00Z\"}")
                            .status())
                    .isEqualTo(202);
            assertThat(caravan.http()
                            .postForm("/send", "fromID=2&toID=1&message=" + id)
                            .status())
                    .isEqualTo(200);
            Records records = new Records("127.0.0.1:" + kafka);
            records.write("orders", "k", "no JSON".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id + "-bad"));

            await().untilAsserted(() ->
                    assertThat(caravan.http().get("/order/" + id).status()).isEqualTo(200));
            await().untilAsserted(() ->
                    assertThat(caravan.http().get("/notifications/1").body()).contains(id));
            await().untilAsserted(() ->
                    assertThat(records.withMessageId("orders-dlq", id + "-bad")).hasSize(1));
            // ConsumerWatch has found all polling threads. It would restart the consumers of threads that it misses.
            await().untilAsserted(() -> assertThat(
                            caravan.management().get("/observe/health").body())
                    .contains("polling")
                    .doesNotContain("ended"));
            assertThat(caravan.output())
                    .doesNotContain("NullPointerException")
                    .doesNotContain("Restarting the consumer")
                    .as("each shipped route file is canonical YAML")
                    .doesNotContain("compact notation");
        }
    }
}
