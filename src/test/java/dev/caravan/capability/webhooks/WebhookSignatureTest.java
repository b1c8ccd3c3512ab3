package dev.caravan.capability.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {

    private static final byte[] PAYLOAD = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /** The test vector of the reference implementations of Standard Webhooks. */
    @Test
    void matchesTheExampleOfTheStandard() {
        assertThat(WebhookSignature.of(List.of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, PAYLOAD))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void signsWithEachSecret() {
        String other = WebhookSignature.newSecret();

        String both = WebhookSignature.of(List.of(other, SECRET), "msg_1", 1, PAYLOAD);

        assertThat(both.split(" "))
                .containsExactly(
                        WebhookSignature.of(List.of(other), "msg_1", 1, PAYLOAD),
                        WebhookSignature.of(List.of(SECRET), "msg_1", 1, PAYLOAD));
    }

    @Test
    void newSecretHas32RandomBytes() {
        String secret = WebhookSignature.newSecret();

        assertThat(secret).startsWith("whsec_").isNotEqualTo(WebhookSignature.newSecret());
        assertThat(Base64.getDecoder().decode(secret.substring(6))).hasSize(32);
    }
}
