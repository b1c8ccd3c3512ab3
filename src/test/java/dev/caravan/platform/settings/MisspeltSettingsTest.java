package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MisspeltSettingsTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "HTTP_PROT, HTTP_PORT",
        "KAFKA_BROKER, KAFKA_BROKERS",
        "KAFKA_BORKERS, KAFKA_BROKERS",
        "http_port, HTTP_PORT",
        "DATABSE_URL, DATABASE_URL",
        "DATADIR, DATA_DIR",
        "AUTH_TOKEN, AUTH_TOKENS",
        "AUTH_ENABLE, AUTH_ENABLED",
        "ROLES, ROLE",
        "KAFKA_CONSUMER_GROUP, KAFKA_CONSUMER_GROUP_ID",
        "KAFKA_PRODUCER_RETRY_COUNT, KAFKA_PRODUCER_RETRIES",
        "CARAVAN_HEEP, CARAVAN_HEAP",
    })
    void suggestsTheNearestSetting(String variable, String setting) {
        assertThat(MisspeltSettings.problems(List.of("PATH", variable)))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).startsWith(variable + " is not").endsWith(" " + setting + "?"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "HOME",
                "USER",
                "SHELL",
                "PWD",
                "TERM",
                "LANG",
                "HOSTNAME",
                "MAIL",
                "TZ",
                "KAFKA_HOME",
                "KAFKA_OPTS",
                "KAFKA_HEAP_OPTS",
                "KAFKA_PORT",
                "KAFKA_SERVICE_HOST",
                "KAFKA_PORT_9092_TCP",
                "HTTP_PROXY",
                "HTTPS_PROXY",
                "http_proxy",
                "DATABASE_HOST",
                "LOG_LEVEL",
                "LOG_DIR",
                "JAVA_TOOL_OPTIONS",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "KUBERNETES_PORT",
                "CARAVAN_API_SERVICE_HOST",
                "MAVEN_OPTS",
                "ROLE"
            })
    void ignoresVariablesOfOtherPrograms(String variable) {
        assertThat(MisspeltSettings.problems(List.of(variable))).isEmpty();
    }

    @Test
    void acceptsEverySetting() {
        assertThat(MisspeltSettings.problems(
                        Setting.ALL.stream().map(Setting::variable).toList()))
                .isEmpty();
    }
}
