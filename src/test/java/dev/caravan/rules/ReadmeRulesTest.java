package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The README's tables say what the program is, row for row. */
class ReadmeRulesTest {

    private static final Pattern DEFAULT = Pattern.compile("\\{\\{env:[A-Z_]+:(.*)}}");

    private static RouteModel model;

    @BeforeAll
    static void load() {
        model = RouteModel.written();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void theTableOfRoutesIsTheRoutes() throws IOException {
        List<String> routes = model.routes().stream()
                .filter(route -> route.getDescription() != null && route.getGroup() != null)
                .map(route -> "`" + route.getRouteId() + "` | " + route.getDescription())
                .toList();

        assertThat(routes).isNotEmpty();
        assertThat(rows("| Route | What it does |")).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void theTableOfEndpointsIsTheRestOperations() throws IOException {
        List<String> operations = model.rests().stream()
                .flatMap(rest -> rest.getVerbs().stream()
                        .map(verb -> "`" + verb.asVerb().toUpperCase(java.util.Locale.ROOT) + " " + rest.getPath()
                                + (verb.getPath() == null ? "" : verb.getPath()) + "`"))
                .toList();

        assertThat(operations).isNotEmpty();
        assertThat(rows("| Method and path |").stream().map(row -> row.substring(0, row.indexOf(" |"))))
                .contains(operations.toArray(String[]::new));
    }

    @Test
    void theTableOfSettingsIsTheSettings() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(Path.of("application.properties"))) {
            properties.load(in);
        }
        List<String> settings = Setting.ALL.stream()
                .map(setting -> "`" + setting.variable() + "` | " + cell(properties.getProperty(setting.property()))
                        + " | " + setting.what())
                .toList();

        assertThat(rows("| Variable | Default | What it is |")).containsExactlyElementsOf(settings);
    }

    private static String cell(String property) {
        Matcher matcher = DEFAULT.matcher(property);
        assertThat(matcher.matches()).as(property).isTrue();
        return matcher.group(1).isEmpty() ? "" : "`" + matcher.group(1) + "`";
    }

    /** The rows below a header, without their outer bars and with single spaces. */
    private static List<String> rows(String header) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("README.md"));
        int from = 0;
        while (!lines.get(from).startsWith(header)) {
            from++;
        }
        return lines.subList(from + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> String.join(
                        " | ",
                        Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|"))
                                .map(String::strip)
                                .toList()))
                .toList();
    }
}
