package dev.caravan.platform.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The allowed values of {@code Host}, against DNS rebinding: a web page maps its own name to this machine's address, so
 * its requests look like those of this server's own pages, except that {@code Host} is that name.
 */
public final class HostNames {

    private static final Pattern IPV4 = Pattern.compile("[0-9.]+");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final boolean any;
    private final boolean anyAddress;
    private final Set<String> names = new HashSet<>(LOOPBACK);

    /**
     * Allows the names of loopback, the host on which the server listens, and more.
     *
     * @param host if it is the wildcard address, every IP address is allowed
     * @param more further names, {@code *} for any
     */
    public HostNames(String host, Collection<String> more) {
        any = more.contains("*");
        anyAddress = isAnyAddress(host);
        names.add(host.toLowerCase(Locale.ROOT));
        names.add("[" + host.toLowerCase(Locale.ROOT) + "]");
        more.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }

    private static boolean isAnyAddress(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** @param authority a request's {@code Host}; null if it has none, which no browser sends */
    public boolean contain(String authority) {
        if (any || authority == null) {
            return true;
        }
        int colon = authority.lastIndexOf(':');
        String name = (colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority)
                .toLowerCase(Locale.ROOT);
        return names.contains(name) || anyAddress && isAddress(name);
    }

    private static boolean isAddress(String name) {
        return name.startsWith("[") ? name.endsWith("]") : IPV4.matcher(name).matches();
    }
}
