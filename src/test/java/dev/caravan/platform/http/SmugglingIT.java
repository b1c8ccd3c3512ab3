package dev.caravan.platform.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Requests whose end a proxy in front may see elsewhere. Each is followed by a second request that publishes, and by a last one
 * whose answer shows how the connection was read.
 */
@ExtendWith(CaravanExtension.class)
class SmugglingIT {

    private static final int TIMEOUT_MILLIS = 20_000;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");
    private static final String HEAD =
            "POST /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    /** This path does not exist, so its answer is the only 404. */
    private static final String LAST = "GET /the/last/one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private final String id = UUID.randomUUID().toString();
    private final String body = "{\"text\":\"first " + id + "\"}";
    private final String smuggled = second("{\"text\":\"smuggled " + id + "\"}");
    private final Map<String, String> answers = new LinkedHashMap<>();
    private Http http;

    @BeforeEach
    void start(Program program) {
        http = program.http();
    }

    private static String second(String body) {
        return HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void rejectsAmbiguousLengths(Program program) {
        int length = body.length();
        for (String lengths : new String[] {
            "Content-Length: %d\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: %d",
            "Transfer-Encoding: chunked\r\nContent-Length: 0",
            "Content-Length: %d\r\nTransfer-Encoding: identity",
            "Content-Length: %d\r\nTransfer-Encoding:",
            "Content-Length: %d\r\nContent-Length: 0",
            "Content-Length: 0\r\nContent-Length: %d",
            "Content-Length: %d\r\nContent-Length: %<d",
            "Content-Length: %d, %<d",
            "Content-Length: %d, 0",
            "Content-Length: +%d",
            "Content-Length: -%d",
            "Content-Length: -1",
            "Content-Length: 0x%x",
            "Content-Length: %d.0",
            "Content-Length: %d %<d",
            "Content-Length: %d;",
            "Content-Length: \"%d\"",
            "Content-Length: 1e1",
            "Content-Length:",
            "Content-Length: \u000b%d",
            "Content-Length: \0%d",
            "Content-Length: 9223372036854775808",
            "Content-Length: 18446744073709551616",
            "Content-Length : %d",
            "Content-Length\t: %d",
            "Content-Length\0: %d",
            "Content-\rLength: %d",
            "X: y\rContent-Length: %d",
            "X: y\nContent-Length: %d",
            "X: y\0\r\nContent-Length: %d",
            "X: y\u0001\r\nContent-Length: %d",
            "X\r\nContent-Length: %d",
            ": y\r\nContent-Length: %d",
            "X: y\r\r\nContent-Length: %d",
            "X(a): y\r\nContent-Length: %d",
        }) {
            send(printable(lengths), HEAD + lengths.formatted(length) + "\r\n\r\n" + body);
        }

        areRejected(program);
    }

    @Test
    void rejectsTransferEncodingsOtherThanChunked(Program program) {
        for (String encoding : new String[] {
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunkedx",
            "Transfer-Encoding: chunke",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity, chunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: chunked,",
            "Transfer-Encoding: ,chunked",
            "Transfer-Encoding: chunked;q=1",
            "Transfer-Encoding: \"chunked\"",
            "Transfer-Encoding: 'chunked'",
            "Transfer-Encoding: [chunked]",
            "Transfer-Encoding: \u000bchunked",
            "Transfer-Encoding: chunked\u000b",
            "Transfer-Encoding: chunked\0",
            "Transfer-Encoding: chun\0ked",
            "Transfer-Encoding: \u00a0chunked",
            "Transfer-Encoding:",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding\t: chunked",
            "Transfer-Encoding\u000b: chunked",
            "Transfer Encoding: chunked",
            "Transfer-Encoding chunked",
            "Transfer-Encoding:\r\n chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-encoding: x",
            "X: y\nTransfer-Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked",
        }) {
            send(printable(encoding), HEAD + encoding + "\r\n\r\n" + chunked(body));
        }
        send("HTTP/1.0", HEAD.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body));

        areRejected(program);
    }

    @Test
    void rejectsAmbiguousChunks(Program program) {
        String size = Integer.toHexString(body.length());
        for (String before : new String[] {
            "-%s",
            "+%s",
            "0x%s",
            "\"%s\"",
            "g",
            "",
            "ffffffff",
            "7fffffffffffffff",
            "10000000000000000",
            "-1",
            "%s;a=\nb",
        }) {
            send(
                    printable(before),
                    HEAD + "Transfer-Encoding: chunked\r\n\r\n"
                            + before.replace("%s", size).formatted(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
        }
        send("bare LF", HEAD + "Transfer-Encoding: chunked\r\n\r\n" + size + "\n" + body + "\r\n0\r\n\r\n");
        send("longer", HEAD + "Transfer-Encoding: chunked\r\n\r\n" + size + "\r\n" + body + "x\r\n0\r\n\r\n");
        send("no CRLF", HEAD + "Transfer-Encoding: chunked\r\n\r\n" + size + "\r\n" + body + "0\r\n\r\n");

        // The headers were valid, so the route may already run, and there is no answer.
        assertThat(answers).allSatisfy((form, statuses) -> assertThat(statuses).isEqualTo("closed"));
        nothingIsSmuggled(program);
    }

    @Test
    void rejectsAmbiguousRequestLines(Program program) {
        for (String line : new String[] {
            "POST /api/v1/comments",
            "POST /api/v1/comments HTTP/9.9",
            "POST /api/v1/comments HTTP/1.1 HTTP/1.1",
            "POST /api/v1/comments HTTP/1.1\rX: y",
            "POST /api/v1/comments\0 HTTP/1.1",
            "POST /api/v1/com\rments HTTP/1.1",
            "POST /api/v1/comments http/1.1",
            "POST /api/v1/comments% HTTP/1.1",
            "POST /api/v1/comments%0 HTTP/1.1",
            "POST /api/v1/comments%u0041 HTTP/1.1",
            "POST /api/v1/comments HTTP/1.1\n",
        }) {
            send(
                    printable(line),
                    line + "\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                            + "\r\n\r\n" + body);
        }

        areRejected(program);
    }

    /** Netty is less strict than RFC 9112 here. */
    @Test
    void readsFormsThatOnlyNettyAcceptsAsTwoRequests() {
        String size = Integer.toHexString(body.length());
        for (String line : new String[] {"1%08x".formatted(body.length()), size + ";a\rb", size + "\r"}) {
            send(printable(line), HEAD + "Transfer-Encoding: chunked\r\n\r\n" + line + "\r\n" + body + "\r\n0\r\n\r\n");
        }
        send("NUL after the method", "POST\0" + second(body).substring(4));

        assertThat(answers).hasSize(4).allSatisfy((form, statuses) -> assertThat(statuses)
                .isEqualTo("200 200 404 closed"));
    }

    @Test
    void readsEquivalentFormsAsOneRequest(Program program) {
        String inside = smuggled;
        BiFunction<String, String, String> post = (headers, content) -> HEAD + headers + "\r\n\r\n" + content;
        Map<String, String> forms = new LinkedHashMap<>();
        String length = "Content-Length: " + body.length();
        forms.put("plain", post.apply(length, body));
        forms.put("zeros", post.apply("Content-Length: 000" + body.length(), body));
        forms.put("blanks", post.apply("Content-Length:\t " + body.length() + " \t", body));
        forms.put("case", post.apply("tRANSFER-eNCODING: CHUNKED", chunked(body)));
        forms.put("tab", post.apply("Transfer-Encoding:\tchunked\t", chunked(body)));
        forms.put("folded", post.apply("X: a\r\n Content-Length: 0\r\n" + length, body));
        forms.put(
                "extension",
                post.apply("Transfer-Encoding: chunked", chunked(body).replaceFirst("\r", ";a=b\r")));
        forms.put("chunks of a byte", post.apply("Transfer-Encoding: chunked", inBytes(body)));
        forms.put("trailer", post.apply("Transfer-Encoding: chunked", trailed("X: y")));
        forms.put("trailer with a length", post.apply("Transfer-Encoding: chunked", trailed("Content-Length: 9")));
        forms.put("empty lines before", "\r\n\r\n" + post.apply(length, body));
        forms.put("another name", post.apply("Transfer_Encoding: chunked\r\n" + length, body));
        forms.put("absolute form", post.apply(length, body).replaceFirst("/api", "http://other/api"));
        forms.put("a request as a body", post.apply("Content-Length: " + inside.length(), inside));
        forms.put("a request as a chunk", post.apply("Transfer-Encoding: chunked", chunked(inside)));
        forms.put(
                "a request as the body of a GET",
                "GET /api/v1/comments HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + inside.length() + "\r\n\r\n"
                        + inside);
        forms.put(
                "a request as the body of a HEAD",
                "HEAD /no/such HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + inside.length() + "\r\n\r\n"
                        + inside);
        forms.put(
                "a request after 100-continue",
                post.apply("Expect: 100-continue\r\nContent-Length: " + inside.length(), inside));
        forms.put(
                "a request as the body of an upgrade",
                post.apply("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: " + inside.length(), inside));
        forms.forEach((name, request) -> answers.put(name, answers(request + LAST, Integer.MAX_VALUE)));
        answers.put("byte by byte", answers(forms.get("extension") + LAST, 1));
        answers.put("in pieces", answers(forms.get("chunks of a byte") + LAST, 7));

        assertThat(answers)
                .allSatisfy((name, statuses) -> assertThat(statuses).matches("(100 )?[24]\\d\\d 404 closed"));
        nothingIsSmuggled(program);
    }

    private void send(String name, String request) {
        answers.put(name, answers(request + smuggled + LAST, Integer.MAX_VALUE));
    }

    private void areRejected(Program program) {
        // Netty closes some without an answer, and answers 501 to an unknown version.
        assertThat(answers).allSatisfy((form, statuses) -> assertThat(statuses).matches("((400|501) )?closed"));
        nothingIsSmuggled(program);
    }

    private void nothingIsSmuggled(Program program) {
        assertThat(program.records().of("comments", record -> record.text().contains("smuggled " + id)))
                .isEmpty();
    }

    private static String chunked(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n0\r\n\r\n";
    }

    private static String inBytes(String text) {
        return text.chars().mapToObj(c -> "1\r\n" + (char) c + "\r\n").collect(Collectors.joining()) + "0\r\n\r\n";
    }

    private String trailed(String trailer) {
        String chunks = chunked(body);
        return chunks.substring(0, chunks.length() - 2) + trailer + "\r\n\r\n";
    }

    private static String printable(String form) {
        return form.chars()
                .mapToObj(c -> c < ' ' || c > '~' ? "\\x%02x".formatted(c) : Character.toString(c))
                .collect(Collectors.joining());
    }

    /**
     * The statuses that one connection gets, and how it ended.
     *
     * @param piece number of bytes per write
     */
    private String answers(String requests, int piece) {
        ByteArrayOutputStream answered = new ByteArrayOutputStream();
        String end = "closed";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            byte[] bytes = requests.getBytes(ISO_8859_1);
            for (int at = 0; at < bytes.length; at += Math.min(piece, bytes.length - at)) {
                socket.getOutputStream().write(bytes, at, Math.min(piece, bytes.length - at));
            }
            socket.getInputStream().transferTo(answered);
        } catch (SocketTimeoutException e) {
            end = "open";
        } catch (IOException e) {
            end = e.getMessage();
        }
        return STATUS.matcher(answered.toString(ISO_8859_1))
                .results()
                .map(found -> found.group(1) + " ")
                .collect(Collectors.joining("", "", end));
    }
}
