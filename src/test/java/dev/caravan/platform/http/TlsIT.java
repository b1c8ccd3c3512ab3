package dev.caravan.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.support.Running.Program;
import dev.caravan.support.SelfSigned;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIT {

    @TempDir
    Path folder;

    @Test
    void thePortSpeaksTlsAndNothingElse() throws Exception {
        SelfSigned keys = new SelfSigned(folder);
        try (Program program = Program.start(Map.of(
                "http.tls.certificate", keys.certificate().toString(),
                "http.tls.key", keys.key().toString()))) {
            HttpClient client =
                    HttpClient.newBuilder().sslContext(keys.trusting()).build();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://localhost:" + program.http().port() + "/api/v1/comments"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"sealed\"}"))
                    .build();

            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isIn("TLSv1.2", "TLSv1.3");
            assertThatThrownBy(() -> program.http().get("/api/v1/comments")).hasRootCauseInstanceOf(IOException.class);
        }
    }
}
