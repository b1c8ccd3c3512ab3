package dev.caravan.operations.commands;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests, output and exit codes of the commands, with a server in place of the program. */
class CommandsTest {

    private record Reply(int status, String body, Map<String, String> headers) {}

    private static final Reply NOT_FOUND = new Reply(404, "{\"detail\":\"Not found.\"}", Map.of());

    private final Map<String, Deque<Reply>> replies = new HashMap<>();
    private final List<String> requests = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private boolean colour;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        environment.put("HTTP_PORT", Integer.toString(server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(request
                + (body.isEmpty() ? "" : " " + body)
                + (token == null ? "" : " as " + token)
                + (last == null ? "" : " after " + last));
        Deque<Reply> known = replies.getOrDefault(request, new ArrayDeque<>());
        Reply reply = known.isEmpty() ? NOT_FOUND : known.size() == 1 ? known.peek() : known.poll();
        reply.headers().forEach(exchange.getResponseHeaders()::add);
        byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void reply(String request, int status, String body) {
        reply(request, status, body, Map.of());
    }

    private void reply(String request, int status, String body, Map<String, String> headers) {
        replies.computeIfAbsent(request, any -> new ArrayDeque<>()).add(new Reply(status, body, headers));
    }

    private int run(String... arguments) {
        return new Commands(
                        environment,
                        Path.of("target/no-program"),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        colour)
                .run(arguments);
    }

    private List<String> printed() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private void replyMessage() {
        reply(
                "GET /api/v1/messages/m-1",
                200,
                """
                {"messageId":"m-1","state":"dead-lettered","accepted":{"at":"2026-01-02T03:04:05Z","topic":"orders","partition":2,"offset":7},
                 "attempts":[{"at":"2026-01-02T03:04:06Z","consumer":"orders","level":0,"reason":"no\\u001b[2Jtotal","next":"orders-dlq"}],
                 "deadLetters":[{"id":17,"topic":"orders","state":"open","reason":"no total","at":"2026-01-02T03:04:07Z"}],"unknown":[]}""");
    }

    @Test
    void rewindPrintsTheAffectedPartitions() {
        reply(
                "POST /api/v1/rewinds",
                200,
                """
                {"dryRun":true,"records":7,"partitions":[{"consumer":"orders","topic":"orders","partition":2,"from":19,"to":12}]}""");

        assertThat(run("rewind", "--minutes", "5", "--consumer", "orders", "--dry-run"))
                .isZero();

        assertThat(requests)
                .containsExactly("POST /api/v1/rewinds {\"minutes\":5,\"consumer\":\"orders\",\"dryRun\":true}");
        assertThat(out.toString()).contains("orders", "19", "12", "At most 7 records would be read again.");
        assertThat(run("rewind")).isEqualTo(2);
    }

    @Test
    void deadLetterGroupsArePrintedAsATable() {
        reply(
                "GET /api/v1/dead-letter-groups",
                200,
                """
                {"items":[{"count":12,"lastHour":3,"consumer":"orders","fingerprint":"ab12","last":"2026-01-02T03:04:05Z","reason":"no total"}]}""");

        assertThat(run("dead-letters", "--groups")).isZero();

        assertThat(printed())
                .containsExactly(
                        "COUNT  LAST HOUR  CONSUMER  FINGERPRINT  LAST FAILURE          REASON",
                        "12     3          orders    ab12         2026-01-02T03:04:05Z  no total");
    }

    @Test
    void messagePrintsItsHistoryOldestFirst() {
        replyMessage();

        assertThat(run("message", "m-1")).isZero();

        assertThat(printed())
                .containsExactly(
                        "m-1  dead-lettered",
                        "TIME                  WHAT            CONSUMER  MORE",
                        "2026-01-02T03:04:05Z  accepted        -         orders, partition 2, offset 7",
                        "2026-01-02T03:04:06Z  attempt failed  orders    no\\u001b[2Jtotal -> orders-dlq",
                        "2026-01-02T03:04:07Z  dead letter 17  orders    open: no total");
    }

    @Test
    void messageIsFoundByItsOrderId() {
        replyMessage();
        reply("GET /order/A%201", 200, "{}", Map.of("Message-ID", "m-1"));

        assertThat(run("message", "A 1")).isZero();

        assertThat(requests)
                .containsExactly("GET /api/v1/messages/A%201", "GET /order/A%201", "GET /api/v1/messages/m-1");
    }

    @Test
    void unknownMessageExitsWith1() {
        assertThat(run("message", "none")).isEqualTo(1);

        assertThat(printed()).isEmpty();
        assertThat(errors()).isEqualTo("caravan: No message and no order none is known.\n");
    }

    @Test
    void coloursAreUsedOnlyOnATerminal() {
        replyMessage();

        run("message", "m-1");
        assertThat(printed()).noneMatch(line -> line.contains("\u001b"));
        out.reset();
        colour = true;
        run("message", "m-1");

        assertThat(printed().get(0)).isEqualTo("m-1  \u001b[31mdead-lettered\u001b[0m");
        assertThat(printed().get(3)).doesNotContain("\u001b");
    }

    private static final String TAIL = "GET /api/v1/topics/orders/records?last=";

    private static String record(int offset, String value) {
        return "event: record\nid: 0:%d\ndata: {\"partition\":0,\"offset\":%d,\"at\":\"2026-01-02T03:04:05Z\",\"key\":\"A\",\"value\":\"%s\"}\n\n"
                .formatted(offset + 1, offset, value);
    }

    @Test
    void tailPrintsOneRecordPerLineUntilTheEnd() {
        reply(
                TAIL + "2",
                200,
                "retry: 2000\n\n" + record(7, "no\\u001b[2J") + record(8, "b") + "event: end\nid: 0:9\ndata: {}\n\n"
                        + record(9, "c"));

        assertThat(run("tail", "orders", "--last", "2")).isZero();

        assertThat(printed())
                .containsExactly("2026-01-02T03:04:05Z  0/7  A  no\\u001b[2J", "2026-01-02T03:04:05Z  0/8  A  b");
    }

    @Test
    void tailContinuesAfterTheServerRotatesTheStream() {
        reply(TAIL + "all", 200, record(7, "a") + "event: bye\ndata: {\"reason\":\"rotate\"}\n\n");
        reply(TAIL + "all", 200, record(8, "b") + "event: end\nid: 0:9\ndata: {}\n\n");

        assertThat(run("tail", "orders", "--from-beginning", "--json")).isZero();

        assertThat(printed()).hasSize(2).allMatch(line -> line.startsWith("{\"partition\":0,"));
        assertThat(requests).containsExactly(TAIL + "all", TAIL + "all after 0:8");
    }

    @Test
    void tailFollowsUntilTheProgramStops() {
        reply(TAIL + "0", 200, "event: end\nid: 0:7\ndata: {}\n\n" + record(7, "a"));
        reply(TAIL + "0", 503, "{\"detail\":\"The server is about to stop.\"}");

        assertThat(run("tail", "orders", "-n", "0", "-f")).isEqualTo(1);

        assertThat(printed()).hasSize(1);
        assertThat(errors()).isEqualTo("caravan: The server is about to stop. (503)\n");
    }

    @Test
    void completionContainsCommandsAndOptions() {
        assertThat(run("completion")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("complete -F", "tail", "--from-beginning", "dead-letters");
    }

    @Test
    void jsonPrintsTheResponseUnchanged() {
        reply("GET /api/v1/routes", 200, "{\"routes\":[],\"files\":[]}");

        assertThat(run("routes", "--json")).isZero();

        assertThat(String.join("", printed()).replace(" ", "")).isEqualTo("{\"routes\":[],\"files\":[]}");
    }

    @Test
    void routesPrintsRejectedFilesWithTheirLine() {
        reply(
                "GET /api/v1/routes",
                200,
                """
                {"routes":[{"id":"orders-find","state":"Started","exchanges":3,"failures":0,"p99Millis":1.5,"file":"orders.camel.yaml"}],
                 "files":[{"name":"mine.camel.yaml","error":{"line":3,"column":5,"reason":"'form' is not known here"}}]}""");

        assertThat(run("routes")).isZero();

        assertThat(printed())
                .containsExactly(
                        "ROUTE        STATE    MESSAGES  FAILED  P99 MS  FILE",
                        "orders-find  Started  3         0       1.5     orders.camel.yaml",
                        "mine.camel.yaml:3:5: 'form' is not known here");
    }

    @Test
    void deadLettersSendsTheFilterToTheProgram() {
        reply(
                "GET /api/v1/dead-letters?topic=orders&reason=no%20total&limit=1",
                200,
                """
                {"items":[{"id":17,"consumer":"orders","key":"A-1","state":"open","lastFailedAt":"2026-01-02T03:04:07Z","messageId":"m-1","reason":"no total"}],
                 "next":17}""");

        assertThat(run("dead-letters", "--topic", "orders", "--reason", "no total", "--limit", "1"))
                .isZero();

        assertThat(printed())
                .containsExactly(
                        "ID  CONSUMER  KEY  STATE  LAST FAILURE          MESSAGE  REASON",
                        "17  orders    A-1  open   2026-01-02T03:04:07Z  m-1      no total",
                        "More: --after 17");
    }

    @Test
    void bulkReplayWaitsForItsEnd() {
        reply(
                "POST /api/v1/dead-letters/replay",
                202,
                "{\"id\":\"r-1\",\"state\":\"running\",\"matching\":2,\"replayed\":0,\"skipped\":0}");
        reply(
                "GET /api/v1/dead-letter-replays/r-1",
                200,
                "{\"id\":\"r-1\",\"state\":\"done\",\"matching\":2,\"replayed\":1,\"skipped\":1,\"skips\":[{\"id\":17,\"reason\":\"no total\"}]}");

        assertThat(run("replay", "--topic", "orders", "--rate", "5")).isZero();

        assertThat(requests.get(0))
                .isEqualTo("POST /api/v1/dead-letters/replay {\"topic\":\"orders\",\"ratePerSecond\":5}");
        assertThat(printed()).containsExactly("1 of 2 replayed, 1 skipped  done", "17: no total");
    }

    @Test
    void aProblemPrintsEveryInvalidField() {
        reply(
                "POST /send",
                400,
                "{\"detail\":\"/toID is required\",\"errors\":[{\"pointer\":\"/toID\",\"detail\":\"is required\"}]}");

        assertThat(run("send", "--from", "1", "--to", "2", "Hello there")).isEqualTo(1);

        assertThat(requests.get(0)).startsWith("POST /send ").contains("message=Hello%20there", "fromID=1", "toID=2");
        assertThat(errors()).isEqualTo("caravan: /toID is required (400)\ncaravan:   /toID is required\n");
    }

    @Test
    void tokensOfEnvironmentAndOptionAreSent() {
        environment.put("CARAVAN_TOKEN", "secret");
        reply("POST /api/v1/routes/orders-find/stop", 204, "");

        assertThat(run("stop", "orders-find")).isZero();
        assertThat(run("stop", "orders-find", "--token", "other")).isZero();

        assertThat(requests)
                .containsExactly(
                        "POST /api/v1/routes/orders-find/stop as Bearer secret",
                        "POST /api/v1/routes/orders-find/stop as Bearer other");
        assertThat(printed()).contains("Route orders-find is stopped.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "message",
                "message a b",
                "send --from 1 Hello",
                "send --from x --to 2 Hello",
                "replay",
                "replay 17 --all",
                "replay --all --topic orders",
                "replay 17 --dry-run",
                "replay x",
                "dead-letters --topik orders"
            })
    void wrongUsageExitsWith2WithoutARequest(String arguments) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);

        assertThat(requests).isEmpty();
        assertThat(errors()).contains("caravan: try caravan " + arguments.split(" ")[0] + " --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1", "nonsense", "ftp://127.0.0.1", "http://"})
    void unreachableProgramsExitWith1(String url) {
        assertThat(run("routes", "--url", url)).isEqualTo(1);

        assertThat(errors()).startsWith("caravan: " + url.replaceAll("/+$", "")).hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"message", "dead-letters", "replay", "routes", "stop", "start", "send"})
    void everyCommandHasHelp(String command) {
        assertThat(run(command, "--help")).isZero();

        assertThat(printed().get(0)).startsWith("Usage: caravan " + command);
        assertThat(Commands.HELP).contains(command);
    }
}
