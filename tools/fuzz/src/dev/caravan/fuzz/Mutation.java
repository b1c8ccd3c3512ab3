package dev.caravan.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes parts of a valid request: mostly small mistakes, sometimes extreme values. */
final class Mutation {

    /** Texts that often cause errors. */
    static final List<String> PROBLEMATIC = List.of(
            "",
            " ",
            "null",
            "undefined",
            "NaN",
            "-1",
            "1e309",
            "9223372036854775808",
            "0x10",
            "true",
            "\u0000",
            "a\u0000b",
            "\r\nSet-Cookie: x=1",
            "\u001b[31mred",
            "\uFEFFbom",
            "\u202Eright to left",
            "\uD83D\uDE00",
            "\\ud800",
            "' OR '1'='1",
            "\"; DROP TABLE orders; --",
            "${jndi:ldap://127.0.0.1/x}",
            "{{env:PATH}}",
            "${bodyAs(String)}",
            "%s%n%x",
            "../../etc/passwd",
            "..%2f..%2fetc%2fpasswd",
            "<script>alert(1)</script>",
            "#class:java.lang.Runtime",
            "RAW(x)",
            "x".repeat(300),
            "ñ".repeat(5_000));

    /** Valid and invalid JSON that often causes errors in parsers. */
    private static final List<byte[]> JSON = List.of(
            bytes(""),
            bytes("null"),
            bytes("[]"),
            bytes("{}"),
            bytes("[[[[]]]]"),
            bytes("[".repeat(100_000)),
            bytes("{\"a\":".repeat(5_000)),
            bytes("1e999999999"),
            bytes("9".repeat(10_000)),
            bytes("{\"id\":NaN}"),
            bytes("{\"text\":\"a\",\"text\":\"b\"}"),
            bytes("{\"text\":\"\\ud800\"}"),
            bytes("{\"text\":\"\\u0000\"}"),
            bytes("{\"text\":\"a\"} {}"),
            bytes("{\"text\":\"a\",}"),
            bytes("{'text':'a'}"),
            bytes("\uFEFF{\"text\":\"a\"}"),
            "{\"text\":\"a\"}".getBytes(StandardCharsets.UTF_16),
            new byte[] {'{', '"', 't', 'e', 'x', 't', '"', ':', '"', (byte) 0xc0, (byte) 0xaf, '"', '}'},
            new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    private final Random random;

    Mutation(Random random) {
        this.random = random;
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    byte[] body(byte[] good) {
        switch (random.nextInt(8)) {
            case 0:
                return any(JSON);
            case 1:
                return good.length == 0 ? good : Arrays.copyOf(good, random.nextInt(good.length));
            case 2:
                byte[] flipped = good.clone();
                for (int i = 0; i < 1 + random.nextInt(3) && flipped.length > 0; i++) {
                    flipped[random.nextInt(flipped.length)] = (byte) random.nextInt(256);
                }
                return flipped;
            case 3:
            case 4:
                return bytes(inText(new String(good, StandardCharsets.UTF_8), "\"[^\"]*\""));
            case 5:
                return bytes(inText(new String(good, StandardCharsets.UTF_8), "[-+0-9.]+|true|false"));
            default:
                return good;
        }
    }

    /** Replaces a random match of the pattern by a problematic text, in quotes if the match has some. */
    private String inText(String text, String pattern) {
        List<int[]> places = new ArrayList<>();
        var matcher = java.util.regex.Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            places.add(new int[] {matcher.start(), matcher.end()});
        }
        if (places.isEmpty()) {
            return text;
        }
        int[] place = any(places);
        String problematic = any(PROBLEMATIC);
        boolean quoted = text.charAt(place[0]) == '"';
        String escaped = problematic.startsWith("\\") ? problematic : problematic.replace("\"", "\\\"");
        return text.substring(0, place[0]) + (quoted ? "\"" + escaped + "\"" : problematic) + text.substring(place[1]);
    }

    /** Changes a path with its query. */
    String target(String good) {
        String target = good;
        switch (random.nextInt(10)) {
            case 0:
                target = good + "/";
                break;
            case 1:
                target = good.replaceFirst("/", "//");
                break;
            case 2:
                target = good + (good.contains("?") ? "&" : "?") + "limit=" + encoded(any(PROBLEMATIC)) + "&after="
                        + encoded(any(PROBLEMATIC));
                break;
            case 3:
                target = good + "/" + encoded(any(PROBLEMATIC));
                break;
            case 4:
                target = good.replaceFirst("[^/]+$", encoded(any(PROBLEMATIC)));
                break;
            case 5:
                target = good + ";a=b";
                break;
            case 6:
                target = good + "%";
                break;
            case 7:
                target = "/%2e%2e" + good;
                break;
            default:
                break;
        }
        return target.isEmpty() ? "/" : target;
    }

    static String encoded(String text) {
        return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
