package dev.caravan.platform.settings;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network in CIDR notation, such as {@code 10.0.0.0/8} or {@code fc00::/7}. Netty's {@code IpSubnetFilterRule} is no
 * replacement: it finds {@code fc00::1} in {@code 2000::/3}.
 */
public record Network(byte[] address, int bits) {

    private static final Pattern CIDR = Pattern.compile("([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/(\\d{1,3})");

    /** @throws IllegalArgumentException if the text is not a network */
    public static Network of(String text) {
        try {
            if (CIDR.matcher(text).matches()) {
                String[] parts = text.split("/");
                // Only digits and separators, so no name is looked up.
                byte[] address = InetAddress.getByName(parts[0]).getAddress();
                int bits = Integer.parseInt(parts[1]);
                if (bits <= address.length * Byte.SIZE) {
                    return new Network(address, bits);
                }
            }
        } catch (UnknownHostException e) {
            // Not a network.
        }
        throw new IllegalArgumentException("not a network: " + text);
    }

    public boolean contains(InetAddress other) {
        byte[] bytes = other.getAddress();
        return bytes.length == address.length && prefix(bytes).equals(prefix(address));
    }

    private BigInteger prefix(byte[] bytes) {
        return new BigInteger(1, bytes).shiftRight(bytes.length * Byte.SIZE - bits);
    }
}
