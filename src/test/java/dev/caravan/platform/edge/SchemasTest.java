package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.platform.edge.ProblemException.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemasTest {

    private static final String ORDER =
            "{'id':'o1','user_id':'u1','total':9.5,'status':'new','timestamp':'2026-11-21T06:00:00Z'}";

    private final Schemas schemas = new Schemas();

    @BeforeEach
    void context() {
        schemas.setCamelContext(new DefaultCamelContext());
    }

    @Test
    void appliesChangedSchemasUnlessInvalid(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("s.schema.json"), "{\"type\":\"string\"}");
        schemas.setFolder(folder.toString());
        schemas.open();
        schemas.refresh();

        Files.writeString(file, "{\"type\":\"integer\"}");
        schemas.refresh();
        schemas.refresh();
        assertThatCode(() -> schemas.check("s", Json.parse("1".getBytes(StandardCharsets.UTF_8)), 422))
                .doesNotThrowAnyException();

        Files.writeString(file, "{\"type\":\"nothing\"}");
        schemas.refresh();
        schemas.refresh();
        assertThatCode(() -> schemas.check("s", Json.parse("1".getBytes(StandardCharsets.UTF_8)), 422))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0}: {1} -> {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "orders | {} | /id /user_id /total /status /timestamp",
                "orders | {'timestamp':1,'status':2,'total':'3','user_id':4,'id':5} | /id /user_id /total /status /timestamp",
                "orders | {'id':'','user_id':'u','total':-1,'status':'s','timestamp':'yesterday'} | /id /total /timestamp",
                "orders | {'id':'o','user_id':'u','status':'s','timestamp':'2026-11-21T06:00:00Z'} | /total",
                "orders | {'id':'o','user_id':'u','total':1e19,'status':'s','timestamp':'2026-11-21T06:00:00Z'} | /total",
                "orders | {'id':'o','user_id':'u','total':null,'status':'s','timestamp':'2026-11-21'} | /total /timestamp",
                "orders | {'id':'o','user_id':'u','total':1,'status':'s','timestamp':'2026-11-21T06:00:00Z','x':1,'a':2} | /x /a",
                "send | {'message':1} | /fromID /toID /message",
                "send | {'toID':'2','fromID':'1','message':'m'} | /fromID /toID",
                "send | {'toID':2.5,'fromID':1,'message':''} | /toID /message",
                "comments | {} | /text",
                "comments | {'text':1} | /text",
                "comments | {'text':''} | /text",
                "comments | {'text':'t','more':1} | /more",
                "event | {'topic':1,'key':2} | /topic /key /value",
                "event | {'value':1,'headers':{'a':1}} | /headers/a",
                "notifications | {'from':{'id':1,'name':'A'},'to':{'id':2}} | /to/name /message",
                "notifications | {'message':1,'to':{'name':'B','id':'2'},'from':{}} | /from/id /from/name /to/id /message",
            })
    void namesEveryWrongFieldInSchemaOrder(String schema, String json, String pointers) {
        ProblemException problemException = refused(schema, json);

        assertThat(problemException.errors().stream().map(Violation::pointer))
                .containsExactlyInAnyOrder(pointers.split(" "));
        assertThat(problemException.errors().stream()
                        .map(each -> "/" + each.pointer().split("/")[1])
                        .distinct())
                .containsExactlyElementsOf(Stream.of(pointers.split(" "))
                        .map(each -> "/" + each.split("/")[1])
                        .distinct()
                        .toList());
    }

    @Test
    void explainsEachWrongField() {
        assertThat(refused("comments", "{'more':1}").errors())
                .containsExactly(new Violation("/text", "is required"), new Violation("/more", "is not known"));
        assertThat(refused("comments", "{'text':1}").errors())
                .singleElement()
                .satisfies(
                        error -> assertThat(error.detail()).contains("string").doesNotContain("/text"));
        assertThat(refused("comments", "{}")).hasMessage("/text is required");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "'text'", "1", "null", "true"})
    void reportsANonObjectAsOneError(String json) {
        assertThat(refused("comments", json).errors()).singleElement().satisfies(error -> assertThat(error.pointer())
                .isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"a/b, /a~1b", "a~b, /a~0b", "~1, /~01"})
    void escapesFieldNamesInPointers(String field, String pointer) {
        assertThat(refused("comments", "{'text':'t','" + field + "':1}").errors())
                .singleElement()
                .satisfies(error -> assertThat(error.pointer()).isEqualTo(pointer));
    }

    @Test
    void usesTheGivenStatus() {
        assertThat(catchThrowableOfType(ProblemException.class, () -> schemas.check("comments", json("{}"), 422))
                        .status())
                .isEqualTo(422);
        assertThat(refused("comments", "{}").status()).isEqualTo(400);
    }

    @Test
    void acceptsValidValues() {
        assertThatCode(() -> schemas.check("orders", json(ORDER), 400)).doesNotThrowAnyException();
        assertThatCode(() -> schemas.check("orders", json(ORDER.replace("9.5", "0")), 400))
                .doesNotThrowAnyException();
        assertThatCode(() -> schemas.check("send", json("{'fromID':1,'toID':2,'message':'m'}"), 400))
                .doesNotThrowAnyException();
        assertThatCode(() -> schemas.check("event", json("{'value':null}"), 400))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"1, true", "9999, true", "10000, true", "10001, false"})
    void limitsCommentsToTenThousandCharacters(int length, boolean right) {
        var json = Json.MAPPER.createObjectNode().put("text", "😀".repeat(length));

        assertThat(catchThrowableOfType(ProblemException.class, () -> schemas.check("comments", json, 400)) == null)
                .isEqualTo(right);
    }

    @Test
    void onlyTheNameNoneAcceptsAnything() {
        assertThat(schemas.find("no-such")).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> schemas.check("no-such", json("1"), 400))
                .withMessageContaining("no-such");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> schemas.require("no-such"))
                .withMessageContaining("no-such.schema.json");
        assertThatCode(() -> schemas.require("orders")).doesNotThrowAnyException();
        assertThatCode(() -> schemas.require("none")).doesNotThrowAnyException();
        assertThatCode(() -> schemas.check("none", json("1"), 400)).doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"plain", "a b", "a+b", "a%2Bb", "a%", "a\\b", "a#b", "a;b", "a:b", "é"})
    void acceptsAnyFolderName(String name, @TempDir Path parent) throws IOException {
        Path folder = Files.createDirectory(parent.resolve(name));
        Files.writeString(folder.resolve("own.schema.json"), "{\"type\":\"string\"}");
        schemas.setFolder(folder.toString());
        schemas.open();

        assertThat(refused("own", "1").errors()).hasSize(1);
        assertThat(refused("event", "{}").errors()).hasSize(1);
    }

    @ParameterizedTest(name = "{index}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | body is empty",
                "{\"type\":\"obj | not JSON",
                "{\"type\":\"objekt\"} | /type",
                "{\"type\":\"object\",\"required\":\"id\"} | /required",
                "{\"type\":\"string\",\"pattern\":\"(\"} | pattern",
                "[] | boolean",
            })
    void namesAnInvalidSchemaFileAtStartup(String text, String words, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("fine.schema.json"), "{\"type\":\"string\"}");
        Path file = Files.writeString(folder.resolve("own.schema.json"), text);
        schemas.setFolder(folder.toString());

        assertThatIllegalArgumentException()
                .isThrownBy(schemas::open)
                .withMessageContaining(file + " is no JSON Schema: ")
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    @Test
    void reportsEachInvalidFileOnOneLine(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("a.schema.json"), "{");
        Files.writeString(folder.resolve("b.schema.json"), "");
        schemas.setFolder(folder.toString());

        assertThatIllegalArgumentException().isThrownBy(schemas::open).satisfies(e -> assertThat(e.getMessage())
                .hasLineCount(2));
    }

    @Test
    void reportsAMissingOrEmptyFolder(@TempDir Path folder) {
        for (Path each : List.of(folder, folder.resolve("none"))) {
            schemas.setFolder(each.toString());

            assertThatIllegalArgumentException()
                    .isThrownBy(schemas::open)
                    .withMessageContaining("SCHEMAS_DIR=" + each + ": there is no ");
        }
    }

    private ProblemException refused(String schema, String json) {
        ProblemException problemException =
                catchThrowableOfType(ProblemException.class, () -> schemas.check(schema, json(json), 400));
        assertThat(problemException).isNotNull();
        return problemException;
    }

    private static JsonNode json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
