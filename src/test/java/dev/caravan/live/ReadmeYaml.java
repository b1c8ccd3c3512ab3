package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The route file that the README tells its reader to write. */
final class ReadmeYaml {

    private static final int MAX_LINES = 25;

    private ReadmeYaml() {}

    /** The route file under "Add a use case". */
    static String capability() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("README.md"));
        List<String> yaml = lines.stream()
                .dropWhile(line -> !line.equals("## Add a use case"))
                .dropWhile(line -> !line.equals("```yaml"))
                .skip(1)
                .takeWhile(line -> !line.equals("```"))
                .toList();
        assertThat(yaml).hasSizeBetween(5, MAX_LINES);
        return String.join("\n", yaml) + "\n";
    }
}
