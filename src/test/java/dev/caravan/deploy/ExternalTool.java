package dev.caravan.deploy;

import java.io.IOException;

/** Optional programs of the tests of {@code deploy/}. */
final class ExternalTool {

    private ExternalTool() {}

    /** Whether the command exists and succeeds. */
    static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
