package dev.caravan.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of the configuration: {@code token=userId[:role+role]}, parted by commas. Kept as SHA-256 hashes; a look-up
 * compares with every one of them in constant time.
 */
final class Tokens {

    private record Known(byte[] hash, Caller caller) {}

    private final List<Known> known = new ArrayList<>();

    /** @throws IllegalArgumentException naming the entry's place, never the token */
    Tokens(String configured) {
        int place = 0;
        for (String entry : configured.split(",")) {
            place++;
            String[] parts = entry.strip().split("=", 2);
            String[] caller = parts.length == 2 ? parts[1].split(":", 2) : new String[] {""};
            if (!caller[0].matches("\\d{1,18}") || parts[0].isEmpty()) {
                throw new IllegalArgumentException("entry " + place + " is not token=userId[:role+role]");
            }
            Set<String> roles = caller.length == 2 ? Set.of(caller[1].split("\\+")) : Set.of();
            known.add(new Known(hash(parts[0]), new Caller(Long.parseLong(caller[0]), roles)));
        }
    }

    Optional<Caller> caller(String token) {
        byte[] hash = hash(token);
        Caller found = null;
        for (Known each : known) {
            if (MessageDigest.isEqual(each.hash(), hash)) {
                found = each.caller();
            }
        }
        return Optional.ofNullable(found);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
