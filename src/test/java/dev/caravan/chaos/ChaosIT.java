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

/** Some faults of {@code make chaos}, each once; all of them with {@code -Dchaos.all=true}. */
class ChaosIT {

    /** Faults that no other test covers. */
    private static final Set<Fault> SLICE = EnumSet.of(Fault.KILL_APP, Fault.DATABASE_CUT, Fault.EDIT_ROUTES);

    @TempDir
    Path folder;

    @Test
    void faultsLoseNoAcknowledgedMessage() throws Exception {
        run(Fault.SINGLE.stream()
                .filter(fault -> !Fault.EMBEDDED.contains(fault))
                .filter(fault -> Boolean.getBoolean("chaos.all") || SLICE.contains(fault))
                .toList());
    }

    @Test
    void killWithEmbeddedServersLosesNoAcknowledgedMessage() throws Exception {
        // A full disk needs a mount, which is not permitted everywhere.
        boolean every = Boolean.getBoolean("chaos.all") && Chaos.mayMount();
        run(every ? Fault.EMBEDDED : List.of(Fault.KILL_ALL));
    }

    private void run(List<Fault> faults) throws Exception {
        Result result = new Chaos(
                        new Options(0, faults.size(), 7, faults, 0, 2_000, 25, Load.FAILING, folder), System.out)
                .run();
        System.out.println(result.table());
        assertThat(result.findings()).isEmpty();
    }
}
