package dev.caravan;

import java.util.List;

/** Another program uses these ports. Each line of the message names a port and the setting that changes it. */
final class BusyPortsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BusyPortsException(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
    }
}
