package dev.caravan.platform.sse;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of one path, by key, and their current route. Streams outlive an edit of their route. */
final class StreamPath {

    private final Map<String, Set<Stream>> streams = new ConcurrentHashMap<>();
    private volatile StreamConsumer route;

    void attach(StreamConsumer route) {
        this.route = route;
        all().forEach(Stream::runAgain);
    }

    StreamConsumer route() {
        return route;
    }

    void add(Stream stream) {
        streams.compute(stream.key(), (key, present) -> {
            Set<Stream> group = present == null ? ConcurrentHashMap.newKeySet(1) : present;
            group.add(stream);
            return group;
        });
    }

    void remove(Stream stream) {
        streams.computeIfPresent(stream.key(), (key, group) -> {
            group.remove(stream);
            return group.isEmpty() ? null : group;
        });
    }

    Collection<Stream> of(String key) {
        return streams.getOrDefault(key, Set.of());
    }

    /** The keys that have at least one open stream. */
    List<String> keys() {
        return streams.entrySet().stream()
                .filter(group -> group.getValue().stream().anyMatch(Stream::isOpen))
                .map(Map.Entry::getKey)
                .toList();
    }

    List<Stream> all() {
        return streams.values().stream().flatMap(Set::stream).toList();
    }
}
