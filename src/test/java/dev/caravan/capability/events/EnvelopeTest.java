package dev.caravan.capability.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import dev.caravan.platform.edge.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {

    @Test
    void readsTopicKeyValueAndHeaders() {
        Event event = read("{'topic':'audit','key':'k','value':{'a':[1]},'headers':{'x-own':'1'}}");

        assertThat(event.topic()).isEqualTo("audit");
        assertThat(event.key()).isEqualTo("k");
        assertThat(new String(event.value(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":[1]}");
        assertThat(event.headers())
                .containsExactlyInAnyOrderEntriesOf(Map.of("x-own", "1", "content-type", "application/json"));
        assertThat(event.messageId()).isNull();
    }

    @Test
    void onlyTheValueIsRequired() {
        Event event = read("{'value':null}");

        assertThat(event.topic()).isNull();
        assertThat(event.key()).isNull();
        assertThat(new String(event.value(), StandardCharsets.UTF_8)).isEqualTo("null");
        assertThat(refused("{'key':'k'}")).hasMessage("/value is required");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka.OVERRIDE_TOPIC",
                "KAFKA.override_topic",
                "CamelKafkaTopic",
                "camelsqlquery",
                "org.apache.camel.x",
                "messageid",
                "Dead-Letter-Topic",
                "delayed-retry-count",
                "Authorization",
                "Proxy-Authorization",
                "Cookie",
                "set-cookie"
            })
    void aHeaderThatIsActedOnIsReserved(String name) {
        ProblemException problemException = refused("{'value':1,'headers':{'" + name + "':'x'}}");

        assertThat(problemException.status()).isEqualTo(400);
        assertThat(problemException).hasMessage("/headers/" + name + " is reserved");
    }

    @Test
    void reportsEveryReservedHeader() {
        assertThat(refused("{'value':1,'headers':{'cookie':'x','x-own':'1','camelX':'y'}}")
                        .errors())
                .extracting(ProblemException.Violation::pointer)
                .containsExactly("/headers/cookie", "/headers/camelX");
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-type", "Content-Type", "CONTENT-TYPE"})
    void contentTypeOfTheCallerTakesPrecedence(String name) {
        Event event = read("{'value':1,'headers':{'" + name + "':'application/vnd.x+json'}}");

        assertThat(event.headers().entrySet().stream()
                        .filter(header -> header.getKey().equalsIgnoreCase("content-type"))
                        .map(Map.Entry::getValue))
                .containsExactly("application/vnd.x+json");
    }

    @Test
    void readsMessageIdFromTheHeaders() {
        Event event = read("{'value':1,'headers':{'MessageID':'own','x-own':'1'}}");

        assertThat(event.messageId()).isEqualTo("own");
        assertThat(event.headers()).containsOnlyKeys("x-own", "content-type");
        assertThat(refused("{'value':1,'headers':{'MessageID':''}}"))
                .hasMessage("/headers/MessageID must be 1 to 255 visible ASCII characters");
    }

    private static Event read(String json) {
        Schemas schemas = new Schemas();
        schemas.setCamelContext(new DefaultCamelContext());
        return Envelope.read(Json.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)), schemas);
    }

    private static ProblemException refused(String json) {
        ProblemException problemException = catchThrowableOfType(ProblemException.class, () -> read(json));
        assertThat(problemException).isNotNull();
        return problemException;
    }
}
