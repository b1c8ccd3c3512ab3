package dev.caravan.support;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Timeout and polling of all tests. JUnit loads this extension as a service. */
public final class AwaitilityDefaults implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext test) {
        // A wait ends when its condition is met; the timeout is for loaded machines.
        Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        // Every 20 ms, tests would use a tenth more CPU time.
        Awaitility.setDefaultPollInterval(Duration.ofMillis(50));
    }
}
