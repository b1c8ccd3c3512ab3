package dev.caravan.capability.webhooks;

import dev.caravan.platform.settings.Network;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prevents server-side request forgery: returns the addresses of a host only if all of them are public or in an allowed
 * network. The caller must connect to a returned address, because another lookup may return others.
 */
final class AddressGuard {

    static final class ForbiddenAddressException extends Exception {
        private static final long serialVersionUID = 1L;

        ForbiddenAddressException(String reason) {
            super(reason);
        }
    }

    /** Resolves a host name or parses an address. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** Special-purpose networks of IANA, and Azure's metadata service, which has a public address. */
    static final List<Network> NOT_PUBLIC = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "168.63.129.16/32",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20")
            .map(Network::of)
            .toList();

    /** All other IPv6 networks are local, reserved, or hold an IPv4 address (mapped, NAT64). */
    private static final Network GLOBAL_UNICAST = Network.of("2000::/3");

    private final Resolver resolver;
    private final List<Network> allowed;

    AddressGuard(Resolver resolver, List<Network> allowed) {
        this.resolver = resolver;
        this.allowed = allowed;
    }

    /**
     * Blocks while the name is looked up.
     *
     * @return the host's addresses, IPv4 first
     * @throws ForbiddenAddressException if one of them is neither public nor in an allowed network, or if the host may
     *     only be called by HTTPS
     */
    List<InetAddress> addresses(WebhookUrl url) throws UnknownHostException, ForbiddenAddressException {
        InetAddress[] found = resolver.resolve(url.host());
        for (InetAddress address : found) {
            if (!isAllowed(address)) {
                if (!isPublic(address)) {
                    throw new ForbiddenAddressException(url.host() + " is not a public address");
                }
                if (!url.isSecure()) {
                    throw new ForbiddenAddressException(url.host() + " is called by HTTPS only");
                }
            }
        }
        return Arrays.stream(found)
                .sorted(Comparator.comparing(address -> !(address instanceof Inet4Address)))
                .toList();
    }

    private boolean isAllowed(InetAddress address) {
        return allowed.stream().anyMatch(network -> network.contains(address));
    }

    private static boolean isPublic(InetAddress address) {
        return (address instanceof Inet4Address || GLOBAL_UNICAST.contains(address))
                && NOT_PUBLIC.stream().noneMatch(network -> network.contains(address));
    }
}
