package dev.caravan.chaos;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.support.Http;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** RouteEdits route files under load. Waits until a valid edit is live, or a broken one is rejected. */
final class RouteEdits implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int MAX_PAUSE_MILLIS = 300;

    /** Each changes other routes: one step, a policy, a consumer, all publishing routes. */
    private static final List<Edit> VALID = List.of(
            new Edit("orders", text -> text.replace("received successfully", "received  successfully")),
            new Edit(
                    "comments",
                    text -> text.replace(
                            "- to:\n                  uri: respond",
                            "- log: { message: edited, loggingLevel: TRACE }\n              - to:\n                  uri: respond")),
            new Edit("notifications", text -> text.replace("reliably and in the order", "in the order, reliably, ")),
            new Edit("events", text -> text.replace("message: \"Event", "message: \"The event")),
            new Edit(
                    "replays",
                    text -> text.replace(
                            "- policy: { id: publish-replay",
                            "- log: { message: edited, loggingLevel: TRACE }\n              - policy: { id: publish-replay")),
            new Edit("retry", text -> text.replace("once they are due", "when they are due")),
            new Edit("reliability", text -> text.replace("\"10000\"", "\"9999\"")),
            new Edit(
                    "policies",
                    text -> text.replace("logExhausted: false", "logExhausted: false, logStackTrace: false")),
            new Edit("inbox", text -> text.replace("oldest first", "the oldest first")));

    private static final List<UnaryOperator<String>> BROKEN = List.of(
            text -> text.substring(0, text.length() / 2) + "\n  - {",
            text -> text.replace("    from:", "    frrom:"),
            text -> text.replace("uri: direct:", "uri: nosuch:"),
            text -> text
                    + "- route: { id: orders-accept, from: { uri: 'direct:other', steps: [ { log: { message: x } } ] } }\n",
            text -> text.replace("{{", "{{no.such."),
            text -> text.replace("ref: ", "ref: no-such-"),
            text -> text + "- route: { id: x }\n",
            text -> "");

    private record Edit(String capability, UnaryOperator<String> change) {}

    private final Http http;
    private final Path folder;
    private final Random random;
    private final Map<Path, String> shipped = new TreeMap<>();
    private int valid;
    private int broken;

    RouteEdits(Testbed testbed, Random random) throws IOException {
        this.http = testbed.http();
        this.folder = testbed.routes();
        this.random = random;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                shipped.put(file, Files.readString(file));
            }
        }
        for (Edit edit : VALID) {
            String text = shipped.get(file(edit));
            if (edit.change().apply(text).equals(text)) {
                throw new IllegalStateException("The edit of " + edit.capability() + " changes nothing.");
            }
        }
    }

    /** Makes a valid edit, or undoes it if it was made before. */
    void valid() throws Exception {
        Edit edit = VALID.get(random.nextInt(VALID.size()));
        Path file = file(edit);
        String text = shipped.get(file);
        write(file, Files.readString(file).equals(text) ? edit.change().apply(text) : text, "live");
    }

    private Path file(Edit edit) {
        return folder.resolve(edit.capability() + ".camel.yaml");
    }

    String summary() {
        return valid + " valid and " + broken + " broken edits";
    }

    /** Breaks a file in two different ways, then restores it. */
    void broken() throws Exception {
        List<Path> files = List.copyOf(shipped.keySet());
        Path file = files.get(random.nextInt(files.size()));
        String text = Files.readString(file);
        String last = text;
        for (int i = 0; i < 2; i++) {
            String broken;
            do {
                broken = BROKEN.get(random.nextInt(BROKEN.size())).apply(text);
            } while (broken.equals(text) || broken.equals(last));
            write(file, broken, "rejected");
            last = broken;
        }
        write(file, text, "live");
    }

    private void write(Path file, String text, String state) throws Exception {
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_PAUSE_MILLIS));
        String name = file.getFileName().toString();
        String before = file(name).path("edited").asText();
        Files.writeString(file, text);
        valid += state.equals("live") ? 1 : 0;
        broken += state.equals("live") ? 0 : 1;
        await(name + " to be " + state).atMost(LIMIT).until(() -> {
            JsonNode now = file(name);
            return !now.path("edited").asText().equals(before)
                    && now.path("state").asText().equals(state);
        });
    }

    private JsonNode file(String name) {
        Http.Answer answer = http.get("/api/v1/routes");
        for (JsonNode file : answer.json().path("files")) {
            if (file.path("name").asText().equals(name)) {
                return file;
            }
        }
        throw new IllegalStateException("no file " + name + " in " + answer);
    }

    @Override
    public void close() throws Exception {
        for (Map.Entry<Path, String> each : shipped.entrySet()) {
            if (!Files.readString(each.getKey()).equals(each.getValue())) {
                write(each.getKey(), each.getValue(), "live");
            }
        }
    }
}
