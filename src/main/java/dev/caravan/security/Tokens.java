package dev.caravan.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokens of the configuration: {@code token=userId[:role+role]}, parted by commas. Kept as SHA-256 hashes; a look-up
 * compares with every one of them in constant time.
 */
public final class Tokens {

    /** A token may hold any character but the comma, the equals signs of Base64 among them. */
    private static final Pattern ENTRY =
            Pattern.compile("(?<token>.+)=(?<user>\\d{1,18})(:(?<roles>[^+:=]+(\\+[^+:=]+)*))?");

    private record Known(byte[] hash, Caller caller) {}

    private final List<Known> known = new ArrayList<>();

    /** @throws IllegalArgumentException naming the entry's place, never the token */
    public Tokens(String configured) {
        int place = 0;
        for (String entry : configured.split(",")) {
            place++;
            Matcher matcher = ENTRY.matcher(entry.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("entry " + place + " is not token=userId[:role+role]");
            }
            String roles = matcher.group("roles");
            known.add(new Known(
                    hash(matcher.group("token")),
                    new Caller(
                            Long.parseLong(matcher.group("user")),
                            roles == null ? Set.of() : Set.copyOf(List.of(roles.split("\\+"))))));
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
