package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.platform.settings.Setting;
import dev.caravan.platform.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** The environments of the shipped manifests start the program, and only because they say who may call. */
class DeployedSettingsTest {

    /** What the Secrets of the manifest hold, by their keys. */
    private static final Map<String, String> SECRETS = Map.of("password", "secret", "tokens", "own=1:operator");

    private static final List<String> PERMISSIONS = List.of("AUTH_ENABLED", "ALLOW_UNAUTHENTICATED");

    static Stream<Arguments> environments() throws IOException {
        Map<?, ?> compose = (Map<?, ?>) documents("docker-compose.yml").get(0);
        List<Object> kubernetes = documents("deploy/kubernetes.yaml");
        Map<?, ?> shared = kubernetes.stream()
                .map(document -> (Map<?, ?>) document)
                .filter(document -> "ConfigMap".equals(document.get("kind")))
                .map(document -> (Map<?, ?>) document.get("data"))
                .findFirst()
                .orElseThrow();
        return Stream.concat(
                Stream.of("api", "worker")
                        .map(service -> Arguments.of(
                                "Compose " + service, texts(at(compose, "services", service, "environment")))),
                kubernetes.stream()
                        .map(document -> (Map<?, ?>) document)
                        .filter(document -> "Deployment".equals(document.get("kind")))
                        .map(document -> Arguments.of(
                                "Kubernetes " + at(document, "metadata").get("name"), container(document, shared))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("environments")
    void startsAndSaysWhoMayCall(String where, Map<String, String> environment) {
        assertThat(environment)
                .containsEntry("HTTP_HOST", "0.0.0.0")
                .containsAnyOf(Map.entry("AUTH_ENABLED", "true"), Map.entry("ALLOW_UNAUTHENTICATED", "true"));
        assertThatCode(() -> settings(environment)).doesNotThrowAnyException();

        Map<String, String> silent = new LinkedHashMap<>(environment);
        PERMISSIONS.forEach(silent::remove);
        assertThat(catchThrowableOfType(Settings.InvalidSettingsException.class, () -> settings(silent)))
                .hasMessageContaining("HTTP_HOST=0.0.0.0 lets others call without a token");
    }

    private static void settings(Map<String, String> environment) {
        Map<String, String> properties =
                Setting.ALL.stream().collect(Collectors.toMap(Setting::variable, Setting::property));
        assertThat(properties).containsKeys(environment.keySet().toArray(String[]::new));
        Properties given = new Properties();
        environment.forEach((variable, value) -> given.setProperty(properties.get(variable), value));
        DefaultCamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setLocation("classpath:application.properties");
        context.getPropertiesComponent().setOverrideProperties(given);
        new Settings(context);
    }

    private static Map<String, String> container(Map<?, ?> deployment, Map<?, ?> shared) {
        Map<?, ?> container = (Map<?, ?>)
                ((List<?>) at(deployment, "spec", "template", "spec").get("containers")).get(0);
        Map<String, String> environment = texts(shared);
        for (Object each : (List<?>) container.get("env")) {
            Map<?, ?> variable = (Map<?, ?>) each;
            environment.put(
                    (String) variable.get("name"),
                    variable.containsKey("value")
                            ? variable.get("value").toString()
                            : SECRETS.get(
                                    at(variable, "valueFrom", "secretKeyRef").get("key")));
        }
        return environment;
    }

    private static Map<String, String> texts(Map<?, ?> map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.forEach((name, value) -> texts.put(name.toString(), value.toString()));
        return texts;
    }

    private static Map<?, ?> at(Map<?, ?> map, String... path) {
        for (String name : path) {
            map = (Map<?, ?>) map.get(name);
        }
        return map;
    }

    private static List<Object> documents(String file) throws IOException {
        Stream.Builder<Object> documents = Stream.builder();
        new Yaml(new LoaderOptions()).loadAll(Files.readString(Path.of(file))).forEach(documents);
        return documents.build().toList();
    }
}
