package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares each overlay with its golden file; {@code -Dgolden.update=true} updates the files. Skipped without kubectl, because Debian 12 has no
 * version that supports components. The other tests read the golden files.
 */
class KustomizeTest {

    /** Too long to compare; other tests cover it. */
    private static final String DASHBOARD = "caravan.json: |";

    @BeforeAll
    static void findKubectl() throws InterruptedException {
        boolean found = ExternalTool.succeeds("kubectl", "kustomize", "deploy/base");
        assumeTrue(found, "kubectl 1.27 or newer is not on the PATH, so deploy/ is not compared with its golden files");
    }

    static List<String> overlays() {
        return Manifests.OVERLAYS;
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void equalsTheGoldenFile(String overlay) throws Exception {
        String built = withoutDashboard(build("deploy/overlays/" + overlay));
        Path golden = Manifests.golden(overlay);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, built);
        }

        assertThat(built).isEqualTo(Files.readString(golden));
    }

    private static String build(String folder) throws Exception {
        Path errors = Files.createTempFile("kustomize", ".txt");
        Process process = new ProcessBuilder("kubectl", "kustomize", folder)
                .redirectError(errors.toFile())
                .start();
        String built = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        String said = Files.readString(errors);
        Files.delete(errors);

        assertThat(code).as(said).isZero();
        // A warning about a deprecated field, or a patch without a target.
        assertThat(said).isEmpty();
        return built;
    }

    private static String withoutDashboard(String built) {
        StringBuilder kept = new StringBuilder();
        boolean within = false;
        for (String line : built.split("(?<=\n)")) {
            within = within && (line.isBlank() || line.startsWith("    "));
            if (!within) {
                kept.append(line);
            }
            within = within || line.strip().equals(DASHBOARD);
        }
        return kept.toString();
    }
}
