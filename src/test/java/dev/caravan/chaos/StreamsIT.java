package dev.caravan.chaos;

import dev.caravan.chaos.StreamTrial.Plan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Part of {@code make chaos ARGS=--streams}; all of it with {@code -Dchaos.all=true}. */
class StreamsIT {

    @TempDir
    Path folder;

    @Test
    void everyUserGetsEachNotificationOnceAndInOrder() throws Exception {
        System.out.println(new StreamTrial(Boolean.getBoolean("chaos.all") ? Plan.ALL : Plan.SLICE, folder).run());
    }
}
