package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The alerts, the dashboard and docs/operations.md use metrics that a scrape contains. */
@ExtendWith(CaravanExtension.class)
class MetricNamesIT {

    /** Metrics of Prometheus itself. */
    private static final Set<String> OWN = Set.of("up");

    @BeforeAll
    static void collectGarbage() {
        // Missing before the first garbage collection.
        System.gc();
    }

    @Test
    void alertsUseExistingMetrics(Program program) throws IOException {
        List<String> expressions = new ArrayList<>();
        collect(
                new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(Path.of("deploy/prometheus/alerts.yml"))),
                "expr",
                expressions);

        assertThat(expressions).isNotEmpty();
        thereAre(program, expressions);
    }

    @Test
    void dashboardUsesExistingMetrics(Program program) throws IOException {
        List<String> queries = new Dashboard().queries();

        assertThat(queries).isNotEmpty();
        thereAre(program, queries);
    }

    @Test
    void dashboardPanelsDoNotOverlap() throws IOException {
        Set<String> taken = new TreeSet<>();
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode panel : new Dashboard().panels()) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            JsonNode at = panel.path("gridPos");
            assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    assertThat(taken.add((at.path("x").asInt() + x) + "/"
                                    + (at.path("y").asInt() + y)))
                            .as(panel.path("title").asText())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void tableOfMetricsEqualsAScrape(Program program) throws IOException {
        List<String> rows = rows("| Metric | Type | Labels | Meaning |");

        await().untilAsserted(() -> {
            Scrape scrape = Scrape.of(program.management());
            List<String> metrics = scrape.types().entrySet().stream()
                    .filter(type -> type.getKey().startsWith("caravan_"))
                    // The maximum of a timer is an additional gauge.
                    .filter(type -> !type.getKey().endsWith("_max"))
                    .map(type -> "`" + type.getKey() + "` | " + type.getValue() + " | " + labels(scrape, type.getKey()))
                    .toList();
            assertThat(rows).containsExactlyInAnyOrderElementsOf(metrics);
        });
    }

    private static String labels(Scrape scrape, String metric) {
        return scrape.samples().stream()
                .filter(sample -> sample.name().equals(metric) || sample.name().equals(metric + "_count"))
                .flatMap(sample -> sample.labels().keySet().stream())
                .distinct()
                .sorted()
                .map(label -> "`" + label + "`")
                .collect(Collectors.joining(", "));
    }

    /** The first three cells of each row. */
    private static List<String> rows(String header) throws IOException {
        return Files.readAllLines(Path.of("docs/operations.md")).stream()
                .dropWhile(line -> !line.equals(header))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .skip(1)
                        .limit(3)
                        .map(String::strip)
                        .collect(Collectors.joining(" | ")))
                .toList();
    }

    private static void thereAre(Program program, List<String> expressions) {
        Set<String> asked = expressions.stream()
                .flatMap(expression -> PromQl.metrics(expression).stream())
                .filter(name -> !OWN.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));

        await().untilAsserted(() ->
                assertThat(Scrape.of(program.management()).names()).containsAll(asked));
    }

    private static void collect(Object node, String key, List<String> found) {
        if (node instanceof List<?> list) {
            list.forEach(each -> collect(each, key, found));
        } else if (node instanceof Map<?, ?> map) {
            Stream.ofNullable(map.get(key)).map(Object::toString).forEach(found::add);
            map.values().forEach(each -> collect(each, key, found));
        }
    }
}
