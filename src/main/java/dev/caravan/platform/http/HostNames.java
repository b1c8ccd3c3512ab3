package dev.caravan.platform.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The names by which the server may be called. A web page can give its own name the address of this machine (DNS
 * rebinding), and its requests then look like those of this server's own pages; but they say that name in {@code Host}.
 */
public final class HostNames {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean any;
    private final boolean anyAddress;
    private final Set<String> names = new HashSet<>(LOOPBACK);

    private HostNames(String host, Collection<String> more) {
        any = more.contains("*");
        anyAddress = isAnyAddress(host);
        names.add(host.toLowerCase(Locale.ROOT));
        names.add("[" + host.toLowerCase(Locale.ROOT) + "]");
        more.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }

    /**
     * Those of loopback, the host that the server listens on, and more.
     *
     * @param host where it is every address of this machine, every address is one of its names
     * @param more {@code *} for any
     */
    public static HostNames of(String host, Collection<String> more) {
        return new HostNames(host, more);
    }

    private static boolean isAnyAddress(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** @param authority a request's {@code Host}; null where it has none, as no browser sends it */
    boolean contain(String authority) {
        if (any || authority == null) {
            return true;
        }
        int colon = authority.lastIndexOf(':');
        String name = (colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority)
                .toLowerCase(Locale.ROOT);
        return names.contains(name) || anyAddress && isAddress(name);
    }

    private static boolean isAddress(String name) {
        if (name.startsWith("[")) {
            return name.endsWith("]");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return !name.isEmpty();
    }
}
