package dev.caravan.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The OpenAPI document; {@code -Dgolden.update=true} updates the golden file. */
@ExtendWith(CaravanExtension.class)
class OpenApiIT {

    private static final Path GOLDEN = Path.of("src/test/resources/cases/openapi.json");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();

    @Test
    void equalsTheGoldenFile(Program program) throws IOException {
        JsonNode description = description(program);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(GOLDEN, JSON.writeValueAsString(description) + "\n");
        }

        assertThat(JSON.writeValueAsString(description))
                .isEqualTo(JSON.writeValueAsString(JSON.readTree(GOLDEN.toFile())));
    }

    @Test
    void containsEveryPathOfTheSeeds(Program program) {
        JsonNode description = description(program);

        assertThat(description.path("openapi").asText()).startsWith("3.1");
        for (String operation : new String[] {
            "post /api/v1/comments", "post /order", "post /send", "get /notifications/{userID}", "post /api/v1/events"
        }) {
            String[] parts = operation.split(" ");
            assertThat(description.path("paths").path(parts[1]).path(parts[0]).isObject())
                    .as(operation)
                    .isTrue();
        }
    }

    private static JsonNode description(Program program) {
        Answer answer = program.http().get("/openapi");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }
}
