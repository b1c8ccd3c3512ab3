package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.chaos.Chaos.Options;
import dev.caravan.chaos.Chaos.Result;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault of {@code make chaos} once, each for a short time. */
class ChaosIT {

    @TempDir
    Path folder;

    @Test
    void noFaultCostsWhatWasAcknowledged() throws Exception {
        strikesOnce(Arrays.stream(Fault.values())
                .filter(fault -> !Fault.EMBEDDED.contains(fault))
                .toList());
    }

    @Test
    void norDoesTheEndOfAProgramWithItsOwnBrokerAndDatabase() throws Exception {
        strikesOnce(List.of(Fault.KILL_ALL));
    }

    @Test
    void norDoesAFullDisk() throws Exception {
        assumeTrue(Chaos.maySetUpADisk(), "a disk that can be filled is a mount, which is not permitted here");

        strikesOnce(List.of(Fault.DISK_FULL));
    }

    private void strikesOnce(List<Fault> faults) throws Exception {
        Result result = new Chaos(new Options(0, faults.size(), 7, faults, 0, 2_000, 25, folder), System.out).run();
        System.out.println(result.table());
        assertThat(result.findings()).isEmpty();
    }
}
