package dev.caravan.chaos;

import dev.caravan.chaos.WebhookTrial.Plan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Part of {@code make chaos ARGS=--webhooks}; all of it with {@code -Dchaos.all=true}. */
class WebhookKillsIT {

    @TempDir
    Path folder;

    @Test
    void everyMessageReachesItsEndpointsDespiteKills() throws Exception {
        System.out.println(new WebhookTrial(Boolean.getBoolean("chaos.all") ? Plan.ALL : Plan.SLICE, folder).run());
    }
}
