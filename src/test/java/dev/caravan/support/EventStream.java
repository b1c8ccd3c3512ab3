package dev.caravan.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;

/** A client of a stream of Server-Sent Events. */
public final class EventStream implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** @param id null if the event has none */
    public record Event(String name, String id, JsonNode data) {}

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final HttpResponse<InputStream> answer;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<String> comments = new CopyOnWriteArrayList<>();
    private volatile int retry;
    private volatile boolean over;

    private EventStream(HttpResponse<InputStream> answer) {
        this.answer = answer;
        if (status() == 200) {
            Thread reader = new Thread(() -> read(answer.body()), "event-stream");
            reader.setDaemon(true);
            reader.start();
        }
    }

    public static EventStream open(int port, String path, Map<String, String> headers) {
        return open(CLIENT, URI.create("http://127.0.0.1:" + port + path), headers);
    }

    public static EventStream open(HttpClient client, URI address, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("Accept", "text/event-stream");
        headers.forEach(request::header);
        try {
            return new EventStream(client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void read(InputStream body) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String name = null;
            String id = null;
            JsonNode data = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String value = line.substring(line.indexOf(':') + 1).stripLeading();
                if (line.startsWith(":")) {
                    comments.add(value);
                } else if (line.startsWith("retry:")) {
                    retry = Integer.parseInt(value);
                } else if (line.startsWith("event:")) {
                    name = value;
                } else if (line.startsWith("id:")) {
                    id = value;
                } else if (line.startsWith("data:")) {
                    data = MAPPER.readTree(value);
                } else if (line.isEmpty() && data != null) {
                    events.add(new Event(name, id, data));
                    name = null;
                    id = null;
                    data = null;
                }
            }
        } catch (IOException e) {
            // Closed by either side.
        } finally {
            over = true;
        }
    }

    public int status() {
        return answer.statusCode();
    }

    public String header(String name) {
        return answer.headers().firstValue(name).orElse(null);
    }

    public int retry() {
        return retry;
    }

    public List<Event> events() {
        return List.copyOf(events);
    }

    public int comments() {
        return comments.size();
    }

    public boolean isOver() {
        return over;
    }

    public List<Event> events(String name) {
        return events.stream().filter(event -> event.name().equals(name)).toList();
    }

    /** Waits for this number of events with this name, and returns the last one. */
    public Event await(String name, int count) {
        Awaitility.await().until(() -> events(name).size() >= count || over);
        if (events(name).size() < count) {
            throw new AssertionError("The stream ended after " + events);
        }
        return events(name).get(count - 1);
    }

    @Override
    public void close() {
        try {
            answer.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
