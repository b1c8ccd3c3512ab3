package dev.caravan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.NamedNode;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Each example exists in YAML and XML with the same model. */
class ExamplesTest {

    private static final Path EXAMPLES = Path.of("examples");

    private static List<Path> written(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            return files.filter(each -> each.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> yaml() throws IOException {
        return written(".camel.yaml");
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\..*", "");
    }

    @Test
    void eachExampleExistsInYamlAndXml() throws IOException {
        assertThat(written(".camel.xml"))
                .extracting(ExamplesTest::name)
                .containsExactlyInAnyOrderElementsOf(
                        yaml().stream().map(ExamplesTest::name).toList());
    }

    @ParameterizedTest
    @MethodSource("yaml")
    void yamlAndXmlHaveTheSameModel(Path yaml) throws Exception {
        Path xml = written(".camel.xml").stream()
                .filter(each -> name(each).equals(name(yaml)))
                .findFirst()
                .orElseThrow();

        assertThat(model(xml)).isEqualTo(model(yaml));
    }

    /** Camel's dump of the model, with sorted endpoint options and bean properties. */
    private static String model(Path file) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind("dataSource", new DriverManagerDataSource());
            context.init();
            Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
            StringBuilder text = new StringBuilder();
            for (RoutesBuilder builder : PluginHelper.getRoutesLoader(context)
                    .findRoutesBuilders(List.of(ResourceHelper.fromString(file.toString(), Files.readString(file))))) {
                if (builder instanceof RouteConfigurationsBuilder configurations) {
                    configurations.addRouteConfigurationsToCamelContext(context);
                }
                RouteBuilder routes = (RouteBuilder) builder;
                routes.prepareModel(context);
                routes.getRestCollection().getRests().forEach(each -> text.append(dump(context, each)));
                routes.getRouteCollection().getRoutes().forEach(each -> text.append(dump(context, each)));
            }
            model.getRouteConfigurationDefinitions().forEach(each -> text.append(dump(context, each)));
            for (BeanFactoryDefinition<?> bean : model.getCustomBeans()) {
                bean.setProperties(new TreeMap<>(bean.getProperties()));
                text.append(PluginHelper.getModelToXMLDumper(context).dumpBeansAsXml(context, List.of(bean)));
            }
            return text.toString().lines().map(ExamplesTest::inOneOrder).collect(Collectors.joining("\n"));
        }
    }

    private static String dump(DefaultCamelContext context, NamedNode node) {
        try {
            return PluginHelper.getModelToXMLDumper(context).dumpModelAsXml(context, node, false, false, false) + "\n";
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String inOneOrder(String line) {
        int uri = line.indexOf("uri=\"");
        int options = line.indexOf('?', uri);
        if (uri < 0 || options < 0) {
            return line.replaceAll("\\s+", " ");
        }
        String all = line.substring(options + 1, line.lastIndexOf('"'));
        return (line.substring(0, options) + new TreeSet<>(List.of(all.split("&amp;\\s*")))).replaceAll("\\s+", " ");
    }
}
