package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "no URL postgres://bob:s3cret@host/db here | no URL postgres://***@host/db here",
                "at jdbc:postgresql://h/d?password=s3cret&ssl=true | at jdbc:postgresql://h/d?password=***&ssl=true",
                "x;PASSWORD=s3cret;A=B | x;PASSWORD=***;A=B",
                "username=\"u\" password=\"s3c ret\"; | username=\"u\" password=***;",
                "a@b.example is fine, and http://a/b@c | a@b.example is fine, and http://***@c",
                "Cannot use planted-value here | Cannot use *** here",
                "nothing | nothing",
            })
    void masksSecrets(String text, String masked) {
        assertThat(Secrets.masked(text, Map.of("DATABASE_PASSWORD", "planted-value", "HTTP_PORT", "nothing")))
                .isEqualTo(masked);
    }
}
