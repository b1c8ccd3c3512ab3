package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tables of docs/ equal the program, links are valid, and the README is short. */
class DocsRulesTest {

    private static final Pattern DEFAULT = Pattern.compile("\\{\\{env:[A-Z_]+:(.*)}}");

    /** A relative link, and its anchor. */
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");

    private static final int MOST_LINES = 150;

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
    void tableOfRoutesEqualsTheRoutes() throws IOException {
        List<String> routes = model.routes().stream()
                .filter(route -> route.getDescription() != null && route.getGroup() != null)
                .map(route -> "`" + route.getRouteId() + "` | " + route.getDescription())
                .toList();

        assertThat(routes).isNotEmpty();
        assertThat(rows("docs/routes.md", "| Route | What it does |")).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void tableOfEndpointsContainsTheRestOperations() throws IOException {
        List<String> operations = model.rests().stream()
                .flatMap(rest -> rest.getVerbs().stream()
                        .map(verb -> "`" + verb.asVerb().toUpperCase(Locale.ROOT) + " " + rest.getPath()
                                + (verb.getPath() == null ? "" : verb.getPath()) + "`"))
                .toList();

        assertThat(operations).isNotEmpty();
        assertThat(rows("docs/http-api.md", "| Method and path |").stream()
                        .map(row -> row.substring(0, row.indexOf(" |"))))
                .contains(operations.toArray(String[]::new));
    }

    @Test
    void tableOfSettingsEqualsTheSettings() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(Path.of("application.properties"))) {
            properties.load(in);
        }
        List<String> settings = Setting.ALL.stream()
                .map(setting -> "`" + setting.variable() + "` | " + cell(properties.getProperty(setting.property()))
                        + " | " + setting.description())
                .toList();

        assertThat(rows("docs/configuration.md", "| Variable | Default | What it is |"))
                .containsExactlyElementsOf(settings);
    }

    @Test
    void readmeIsShort() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(MOST_LINES);
    }

    @Test
    void linksAreValid() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                Path target = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                if (!Files.exists(target)
                        || link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(page + ": " + link.group());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md"), Path.of("CHANGELOG.md")),
                            docs.filter(each -> each.toString().endsWith(".md")))
                    .toList();
        }
    }

    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static String cell(String property) {
        Matcher matcher = DEFAULT.matcher(property);
        assertThat(matcher.matches()).as(property).isTrue();
        return matcher.group(1).isEmpty() ? "" : "`" + matcher.group(1) + "`";
    }

    /** The rows below a header, without outer bars and with single spaces. */
    private static List<String> rows(String page, String header) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(page));
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
