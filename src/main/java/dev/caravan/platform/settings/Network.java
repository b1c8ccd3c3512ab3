package dev.caravan.platform.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A network in CIDR notation, such as {@code 10.0.0.0/8} or {@code fc00::/7}. */
public record Network(byte[] address, int bits) {

    private static final Pattern CIDR = Pattern.compile("([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/(\\d{1,3})");

    /** @throws IllegalArgumentException if the text is not a network */
    public static Network of(String text) {
        try {
            if (CIDR.matcher(text).matches()) {
                String[] parts = text.split("/");
                // Only digits and colons: nothing is looked up.
                byte[] address = InetAddress.getByName(parts[0]).getAddress();
                int bits = Integer.parseInt(parts[1]);
                if (bits <= address.length * Byte.SIZE) {
                    return new Network(address, bits);
                }
            }
        } catch (UnknownHostException e) {
            // Answered like any other text.
        }
        throw new IllegalArgumentException("not a network: " + text);
    }

    public boolean contains(InetAddress other) {
        byte[] bytes = other.getAddress();
        if (bytes.length != address.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int mask = 0xff00 >> bits % Byte.SIZE;
        return Arrays.equals(bytes, 0, whole, address, 0, whole)
                && (bits % Byte.SIZE == 0 || (bytes[whole] & mask & 0xff) == (address[whole] & mask & 0xff));
    }
}
