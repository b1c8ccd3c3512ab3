package dev.caravan.routes;

import dev.caravan.context.Causes;
import dev.caravan.context.InContext;
import dev.caravan.context.Location;
import dev.caravan.context.RepeatedTask;
import dev.caravan.topics.Consumers;
import dev.caravan.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routes of the running program as the files of {@code ROUTES_DIR} say. The folder is looked at four times a second; what
 * has not changed between two looks is taken as written. An edit is checked as a whole before anything is touched, and one that is
 * wrong changes nothing. Of several files saved at once those that are right are taken.
 */
public final class RouteFiles extends InContext implements AutoCloseable {

    /** Creates the topics of these consumers that are missing. */
    public interface TopicCreation {
        void create(Consumers consumers) throws Exception;
    }

    /** The last edit of a file. {@code rejected} where it was not taken, {@code waiting} where it could not be taken yet. */
    public record Edit(Instant at, Optional<Rejected> rejected, Optional<String> waiting) {

        String state() {
            return rejected.isPresent() ? "rejected" : waiting.isPresent() ? "waiting" : LIVE;
        }
    }

    /** An edit that could not be taken yet: it is tried again, and not checked again. */
    private record Waiting(Blueprint before, Map<String, RouteFile> files, Check.Checked checked) {}

    private static final String LIVE = "live";

    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration BUSY = Duration.ofSeconds(2);
    private static final int STOP_SECONDS = 10;

    private final Map<String, Edit> edits = new ConcurrentHashMap<>();
    private final Map<String, Instant> started = new ConcurrentHashMap<>();
    private Location location = new Location("classpath:routes");
    private RouteFolder folder;
    private Check check;
    private Swap swap;
    private TopicCreation topicCreation;
    private ScheduledExecutorService watch;

    // Only the thread that looks, once it does, writes these.
    private volatile Blueprint running;
    private Change.Prints prints;
    private Map<String, String> seen = Map.of();
    private Map<String, String> taken = Map.of();
    private long notBefore;
    private Optional<Waiting> waiting = Optional.empty();

    /** A folder, or {@code classpath:} and what the program was built with. */
    public void setLocation(String location) {
        this.location = new Location(location);
    }

    /** @throws IllegalArgumentException when the folder cannot be read or has no route file */
    public void open() {
        try {
            if (!location.isShipped()
                    && new RouteFolder(getCamelContext(), location).paths().isEmpty()) {
                throw new IllegalArgumentException(
                        "ROUTES_DIR=" + location.text() + ": there is no route file in it, no file *.yaml or *.xml");
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private IllegalArgumentException unreadable(IOException e) {
        return new IllegalArgumentException("ROUTES_DIR=" + location.text() + ": " + Location.reason(e), e);
    }

    /**
     * Puts what the files say into the program, which has not started yet. A file that is wrong is left out, and said so.
     *
     * @throws IllegalArgumentException when the folder cannot be read, or with one line for each file that names a schema which is
     *     not there
     */
    public void load() {
        folder = new RouteFolder(getCamelContext(), location);
        check = new Check(getCamelContext());
        swap = new Swap(getCamelContext());
        RouteFolder.Reading reading;
        try {
            taken = folder.canChange() ? folder.state() : Map.of();
            reading = folder.read();
        } catch (IOException e) {
            throw unreadable(e);
        }
        seen = taken;
        reading.refused().forEach(this::reject);
        List<String> missing = new ArrayList<>();
        Blueprint blueprint = check.sift(reading.files(), e -> {
            if (e instanceof MissingSchemaException) {
                missing.add(e.toString());
            }
            reject(e.file(), e);
        });
        if (!missing.isEmpty()) {
            blueprint.close();
            throw new IllegalArgumentException(String.join("\n", missing));
        }
        try {
            swap.begin(blueprint);
        } catch (Exception e) {
            throw new IllegalStateException("The routes cannot be loaded", e);
        }
        accept(blueprint, blueprint.ids());
        Set<String> files = blueprint.files().keySet();
        files.forEach(name -> edits.put(name, taken(Instant.now())));
    }

    /** From now on edits are taken while the program runs. */
    public void watch(TopicCreation topicCreation) {
        this.topicCreation = topicCreation;
        // They are there from the start, so that the first edit is an increase.
        counter("accepted");
        counter("rejected");
        if (folder.canChange()) {
            watch = getCamelContext()
                    .getExecutorServiceManager()
                    .newSingleThreadScheduledExecutor(this, "caravan-routes");
            watch.scheduleWithFixedDelay(
                    new RepeatedTask("The check of the route files", LOG, this::look),
                    LOOK.toMillis(),
                    LOOK.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Does what must not coincide with an edit, before the next one is taken. */
    public void between(Runnable action) {
        if (watch == null) {
            action.run();
        } else {
            watch.execute(new RepeatedTask("A restart between two edits", LOG, () -> {
                try (OperatedRoutes.Turn turn = operated().turn()) {
                    action.run();
                } catch (TimeoutException e) {
                    between(action);
                }
            }));
        }
    }

    private void look() throws Rejected, InterruptedException {
        try {
            if (prints == null) {
                // Not at the start, which it would hold up.
                prints = check.prints(running.files());
                Syntax.prepare();
            }
            Map<String, String> state = folder.state();
            boolean stands = state.equals(seen);
            seen = state;
            if (stands && !state.equals(taken) && System.nanoTime() >= notBefore) {
                // What is written after this is another state, and taken at a later look.
                take(folder.read());
                taken = state;
            }
        } catch (Busy e) {
            notBefore = System.nanoTime() + BUSY.toNanos();
        } catch (IOException e) {
            if (!taken.isEmpty()) {
                LOG.warn("The folder of the routes cannot be read, they stay as they are: {}", e.toString());
                taken = Map.of();
            }
        } catch (Rejected | RuntimeException | Error e) {
            // The same files would fail again; the next edit is taken.
            taken = seen;
            throw e;
        }
    }

    private void take(RouteFolder.Reading reading) throws Busy, InterruptedException {
        Map<String, RouteFile> good = running.files();
        reading.refused().forEach(this::reject);
        Set<String> changed = new TreeSet<>();
        for (String name : all(good.keySet(), reading.files().keySet())) {
            if (reading.refused().containsKey(name)) {
                continue;
            }
            if (!text(good.get(name)).equals(text(reading.files().get(name)))) {
                changed.add(name);
            } else if (!edits.get(name).state().equals(LIVE)) {
                edits.put(name, taken(Instant.now()));
            }
        }
        edits.keySet()
                .retainAll(all(
                        all(good.keySet(), reading.files().keySet()),
                        reading.refused().keySet()));
        if (changed.isEmpty()) {
            return;
        }
        try {
            replace(changed, reading.files());
        } catch (Rejected e) {
            if (changed.size() == 1) {
                reject(changed.iterator().next(), e);
            } else {
                takeEach(changed, reading.files());
            }
        }
    }

    /** One by one, and those that need another one once that one is taken. */
    private void takeEach(Set<String> changed, Map<String, RouteFile> files) throws Busy, InterruptedException {
        Map<String, Rejected> left = new TreeMap<>();
        changed.forEach(name -> left.put(name, null));
        boolean more = true;
        while (more) {
            more = false;
            for (String name : List.copyOf(left.keySet())) {
                try {
                    replace(Set.of(name), files);
                    left.remove(name);
                    more = true;
                } catch (Rejected e) {
                    left.put(name, e);
                }
            }
        }
        left.forEach(this::reject);
    }

    private void replace(Set<String> changed, Map<String, RouteFile> files)
            throws Rejected, Busy, InterruptedException {
        Map<String, RouteFile> then = new TreeMap<>(running.files());
        for (String name : changed) {
            if (files.containsKey(name)) {
                then.put(name, files.get(name));
            } else {
                then.remove(name);
            }
        }
        long began = System.nanoTime();
        Blueprint before = running;
        Check.Checked checked = waiting.filter(
                        each -> each.before() == before && each.files().equals(then))
                .map(Waiting::checked)
                .orElse(null);
        if (checked == null) {
            waiting.ifPresent(each -> each.checked().blueprint().close());
            waiting = Optional.empty();
            checked = checked(then, changed);
        }
        Blueprint blueprint = checked.blueprint();
        Change change = Change.between(prints, checked.prints());
        try {
            createTopics(blueprint);
            apply(before, blueprint, change);
        } catch (Busy e) {
            waiting = Optional.of(new Waiting(before, then, checked));
            changed.forEach(name -> waits(name, e));
            throw e;
        } catch (Rejected | InterruptedException | RuntimeException | Error e) {
            waiting = Optional.empty();
            blueprint.close();
            throw e;
        }
        waiting = Optional.empty();
        prints = checked.prints();
        before.close();
        for (String name : changed) {
            if (then.containsKey(name)) {
                edits.put(name, taken(Instant.now()));
            } else {
                edits.remove(name);
            }
            counter("accepted").increment();
        }
        LOG.info(
                "{} taken after {} ms; routes ended: {}, begun: {}",
                String.join(", ", changed),
                (System.nanoTime() - began) / 1_000_000,
                change.touched(),
                change.started());
    }

    /** What a check does not expect is a reason against these files too, and never keeps others from being taken. */
    private Check.Checked checked(Map<String, RouteFile> files, Set<String> changed) throws Rejected {
        try {
            return check.check(files, changed);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.warn("The check of {} failed", changed, e);
            throw new Rejected("", 0, 0, Rejected.reason(e));
        }
    }

    private void apply(Blueprint now, Blueprint then, Change change) throws Rejected, Busy, InterruptedException {
        try (OperatedRoutes.Turn turn = operated().turn()) {
            swap.apply(now, then, change, () -> {
                operated().begun(change.started());
                accept(then, change.started());
            });
        } catch (TimeoutException e) {
            throw new Busy(e.getMessage());
        }
    }

    private void createTopics(Blueprint blueprint) throws Busy {
        if (!blueprint.topics().equals(running.topics())) {
            try {
                Topics topics = bean(Topics.class);
                topicCreation.create(topics.with(blueprint.topics()));
            } catch (Exception e) {
                throw new Busy("its topics cannot be created: " + Causes.line(e));
            }
        }
    }

    private OperatedRoutes operated() {
        return (OperatedRoutes) getCamelContext().getRouteController();
    }

    private void accept(Blueprint blueprint, Collection<String> begun) {
        running = blueprint;
        begun.forEach(id -> started.put(id, Instant.now()));
    }

    private void waits(String name, Busy e) {
        Edit last = edits.put(name, new Edit(Instant.now(), Optional.empty(), Optional.of(e.getMessage())));
        if (last == null || last.waiting().isEmpty()) {
            LOG.warn("{} is not taken yet: {}", name, e.getMessage());
        }
    }

    private void reject(String name, Rejected e) {
        Rejected rejected = e.file().equals(name)
                ? e
                : new Rejected(name, 0, 0, "with it this fails: " + (e.file().isEmpty() ? e.getMessage() : e));
        Edit last = edits.get(name);
        if (last != null && last.rejected().map(Rejected::toString).equals(Optional.of(rejected.toString()))) {
            // Tried again because another file was saved.
            return;
        }
        edits.put(name, new Edit(Instant.now(), Optional.of(rejected), Optional.empty()));
        counter("rejected").increment();
        LOG.warn("{} (rejected; the previous routes keep running)", rejected.toString());
    }

    private Counter counter(String outcome) {
        return bean(MeterRegistry.class).counter("caravan.route.edits", "outcome", outcome);
    }

    private static Edit taken(Instant at) {
        return new Edit(at, Optional.empty(), Optional.empty());
    }

    private static Set<String> all(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    /** Empty where there is no such file, which an empty file is not. */
    private static Optional<String> text(RouteFile file) {
        return Optional.ofNullable(file).map(RouteFile::text);
    }

    /** The last edit of each file, by its name. */
    public Map<String, Edit> edits() {
        return new TreeMap<>(edits);
    }

    /** When a route was begun with an edit or the start, by its id. */
    Map<String, Instant> started() {
        return new HashMap<>(started);
    }

    /** What runs now; empty where the routes were not loaded from here. */
    Optional<Blueprint> running() {
        return Optional.ofNullable(running);
    }

    /** What a file of the running program should do otherwise. */
    List<Advice> advice() {
        return running().map(Advice::of).orElse(List.of());
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.shutdown();
            try {
                watch.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
