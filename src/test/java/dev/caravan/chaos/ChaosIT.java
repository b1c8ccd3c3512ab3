package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.chaos.Chaos.Options;
import dev.caravan.chaos.Chaos.Result;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The faults of {@code make chaos}, each once and for a short time; all of them with {@code -Dchaos.all=true}. */
class ChaosIT {

    /** A slice: what no other test meets. */
    private static final Set<Fault> SLICE = EnumSet.of(Fault.KILL_APP, Fault.DATABASE_CUT, Fault.EDIT_ROUTES);

    @TempDir
    Path folder;

    @Test
    void noFaultCostsWhatWasAcknowledged() throws Exception {
        strikesOnce(Fault.SINGLE.stream()
                .filter(fault -> !Fault.EMBEDDED.contains(fault))
                .filter(fault -> Boolean.getBoolean("chaos.all") || SLICE.contains(fault))
                .toList());
    }

    @Test
    void norDoesTheEndOfAProgramWithItsOwnBrokerAndDatabase() throws Exception {
        // A disk that can be filled is a mount, which is not permitted everywhere.
        boolean every = Boolean.getBoolean("chaos.all") && Chaos.maySetUpADisk();
        strikesOnce(every ? Fault.EMBEDDED : List.of(Fault.KILL_ALL));
    }

    private void strikesOnce(List<Fault> faults) throws Exception {
        Result result = new Chaos(
                        new Options(0, faults.size(), 7, faults, 0, 2_000, 25, Load.FAILING, folder), System.out)
                .run();
        System.out.println(result.table());
        assertThat(result.findings()).isEmpty();
    }
}
