package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.chaos.Chaos.Options;
import dev.caravan.chaos.Chaos.Result;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The faults of {@code make chaos}, each once and for a short time; all of them with {@code -Dchaos.all=true}. */
class ChaosIT {

    /** Other tests meet these too, or others of these faults are harder. */
    private static final Set<Fault> LEFT_OUT =
            EnumSet.of(Fault.PAUSE_APP, Fault.DATABASE_SLOW, Fault.NETWORK_SLOW, Fault.POISON);

    @TempDir
    Path folder;

    @Test
    void noFaultCostsWhatWasAcknowledged() throws Exception {
        strikesOnce(Arrays.stream(Fault.values())
                .filter(fault -> !Fault.EMBEDDED.contains(fault))
                .filter(fault -> Boolean.getBoolean("chaos.all") || !LEFT_OUT.contains(fault))
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
