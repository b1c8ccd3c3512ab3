package dev.caravan;

import java.util.List;

/** Ports that another program uses. Each line of the message names one and the setting for another port. */
final class BusyPortsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BusyPortsException(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
    }
}
