package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptedResponseTest {

    @ParameterizedTest
    @CsvSource({
        "01932f6b-7c1a-7def-8a3b-0123456789ab, 01932f6b-7c1a-7def-8a3b-0123456789ab",
        "A/b%?, A%2Fb%25%3F",
        "a+b, a%2Bb",
        "a#b, a%23b",
    })
    void locationIsOnePathSegment(String messageId, String part) {
        assertThat(AcceptedResponse.location(messageId)).isEqualTo("/api/v1/messages/" + part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "a/../b", "~", "a:b@c", "\u007e{}[]|^`\"<>"})
    void locationDecodesToTheMessageId(String messageId) {
        String path = URI.create("http://caravan" + AcceptedResponse.location(messageId))
                .getPath();

        assertThat(path).isEqualTo("/api/v1/messages/" + messageId);
    }
}
