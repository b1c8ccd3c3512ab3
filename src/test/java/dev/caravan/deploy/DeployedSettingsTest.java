package dev.caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.platform.settings.Setting;
import dev.caravan.platform.settings.Settings;
import dev.caravan.support.SelfSignedCertificate;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** The program starts with the environments of the manifests, but not without their authentication settings. */
class DeployedSettingsTest {

    /** The values of the manifest's Secrets by key. */
    private static final Map<String, String> SECRETS = Map.of(
            "password",
            "secret",
            "tokens",
            "own=1:operator",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";");

    private static final List<String> PERMISSIONS = List.of("AUTH_ENABLED", "ALLOW_UNAUTHENTICATED");

    @TempDir
    static Path folder;

    private static Path certificate;

    @BeforeAll
    static void sign() throws Exception {
        certificate = new SelfSignedCertificate(folder).certificate();
    }

    static Stream<Arguments> environments() throws IOException {
        Map<?, ?> compose = (Map<?, ?>) documents("docker-compose.yml").get(0);
        return Stream.concat(
                ((Map<?, ?>) compose.get("services"))
                        .entrySet().stream()
                                .filter(service -> at((Map<?, ?>) service.getValue(), "environment") != null)
                                .filter(service -> at((Map<?, ?>) service.getValue(), "environment")
                                        .containsKey("ROLE"))
                                .map(service -> Arguments.of(
                                        "Compose " + service.getKey(),
                                        texts(at((Map<?, ?>) service.getValue(), "environment")))),
                Manifests.OVERLAYS.stream().flatMap(DeployedSettingsTest::kubernetes));
    }

    private static Stream<Arguments> kubernetes(String overlay) {
        Manifests manifests = Manifests.of(overlay);
        return manifests
                .kind("Deployment")
                .map(deployment -> Arguments.of(
                        "Kubernetes " + overlay + " " + Manifests.name(deployment), container(deployment, manifests)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("environments")
    void startsWithTheDeployedSettings(String where, Map<String, String> environment) {
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

    private static Map<String, String> container(Map<?, ?> deployment, Manifests manifests) {
        Map<?, ?> container = (Map<?, ?>)
                ((List<?>) at(deployment, "spec", "template", "spec").get("containers")).get(0);
        Map<?, ?> from = (Map<?, ?>) ((List<?>) container.get("envFrom")).get(0);
        String shared = (String) at(from, "configMapRef").get("name");
        // With a hash of the content in its name, so that a changed setting replaces the pods.
        assertThat(shared).matches("caravan-[a-z0-9]{10}");
        Map<String, String> environment = texts(Manifests.map(manifests.one("ConfigMap", shared), "data"));
        for (Object each : (List<?>) container.get("env")) {
            Map<?, ?> variable = (Map<?, ?>) each;
            environment.put(
                    (String) variable.get("name"),
                    variable.containsKey("value")
                            ? variable.get("value").toString()
                            : SECRETS.get(
                                    at(variable, "valueFrom", "secretKeyRef").get("key")));
        }
        // A mounted file.
        environment.computeIfPresent("KAFKA_SSL_TRUSTSTORE_LOCATION", (variable, file) -> mounted(container, file));
        return environment;
    }

    private static String mounted(Map<?, ?> container, String file) {
        assertThat((List<?>) container.get("volumeMounts"))
                .extracting(mount -> (Object) ((Map<?, ?>) mount).get("mountPath"))
                .contains(Path.of(file).getParent().toString());
        return certificate.toString();
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
