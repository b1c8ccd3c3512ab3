package dev.caravan.live;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.Location;
import dev.caravan.platform.context.RepeatedTask;
import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.Topics;
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
public final class RouteFiles extends ContextBean implements AutoCloseable {

    /** Creates the topics of these consumers that are missing. */
    public interface TopicCreation {
        void create(Consumers consumers) throws Exception;
    }

    /** The last edit of a file. {@code rejected} where it was not taken, {@code waiting} where it could not be taken yet. */
    public record FileEdit(Instant at, Optional<InvalidRouteFileException> rejected, Optional<String> waiting) {

        String state() {
            return rejected.isPresent() ? "rejected" : waiting.isPresent() ? "waiting" : LIVE;
        }
    }

    /** An edit that could not be taken yet: it is tried again, and not checked again. */
    private record Waiting(CandidateRoutes before, Map<String, RouteFile> files, RouteFileCheck.CheckResult checked) {}

    private static final String LIVE = "live";

    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration BUSY = Duration.ofSeconds(2);
    private static final int STOP_SECONDS = 10;

    private final Map<String, FileEdit> edits = new ConcurrentHashMap<>();
    private final Map<String, Instant> started = new ConcurrentHashMap<>();
    private Location location = new Location("classpath:routes");
    private RouteFolder folder;
    private RouteFileCheck routeFileCheck;
    private RouteReplacer routeReplacer;
    private TopicCreation topicCreation;
    private ScheduledExecutorService watch;

    // Only the thread that looks, once it does, writes these.
    private volatile CandidateRoutes running;
    private RouteDiff.Prints prints;
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
        routeFileCheck = new RouteFileCheck(getCamelContext());
        routeReplacer = new RouteReplacer(getCamelContext());
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
        CandidateRoutes candidateRoutes = routeFileCheck.sift(reading.files(), e -> {
            if (e instanceof MissingSchemaException) {
                missing.add(e.toString());
            }
            reject(e.file(), e);
        });
        if (!missing.isEmpty()) {
            candidateRoutes.close();
            throw new IllegalArgumentException(String.join("\n", missing));
        }
        try {
            routeReplacer.begin(candidateRoutes);
        } catch (Exception e) {
            throw new IllegalStateException("The routes cannot be loaded", e);
        }
        accept(candidateRoutes, candidateRoutes.ids());
        Set<String> files = candidateRoutes.files().keySet();
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

    private void look() throws InvalidRouteFileException, InterruptedException {
        try {
            if (prints == null) {
                // Not at the start, which it would hold up.
                prints = routeFileCheck.prints(running.files());
                RouteFileSyntax.prepare();
            }
            Map<String, String> state = folder.state();
            boolean stands = state.equals(seen);
            seen = state;
            if (stands && !state.equals(taken) && System.nanoTime() >= notBefore) {
                // What is written after this is another state, and taken at a later look.
                take(folder.read());
                taken = state;
            }
        } catch (RoutesBusyException e) {
            notBefore = System.nanoTime() + BUSY.toNanos();
        } catch (IOException e) {
            if (!taken.isEmpty()) {
                LOG.warn("The folder of the routes cannot be read, they stay as they are: {}", e.toString());
                taken = Map.of();
            }
        } catch (InvalidRouteFileException | RuntimeException | Error e) {
            // The same files would fail again; the next edit is taken.
            taken = seen;
            throw e;
        }
    }

    private void take(RouteFolder.Reading reading) throws RoutesBusyException, InterruptedException {
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
        } catch (InvalidRouteFileException e) {
            if (changed.size() == 1) {
                reject(changed.iterator().next(), e);
            } else {
                takeEach(changed, reading.files());
            }
        }
    }

    /** One by one, and those that need another one once that one is taken. */
    private void takeEach(Set<String> changed, Map<String, RouteFile> files)
            throws RoutesBusyException, InterruptedException {
        Map<String, InvalidRouteFileException> left = new TreeMap<>();
        changed.forEach(name -> left.put(name, null));
        boolean more = true;
        while (more) {
            more = false;
            for (String name : List.copyOf(left.keySet())) {
                try {
                    replace(Set.of(name), files);
                    left.remove(name);
                    more = true;
                } catch (InvalidRouteFileException e) {
                    left.put(name, e);
                }
            }
        }
        left.forEach(this::reject);
    }

    private void replace(Set<String> changed, Map<String, RouteFile> files)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        Map<String, RouteFile> then = new TreeMap<>(running.files());
        for (String name : changed) {
            if (files.containsKey(name)) {
                then.put(name, files.get(name));
            } else {
                then.remove(name);
            }
        }
        long began = System.nanoTime();
        CandidateRoutes before = running;
        RouteFileCheck.CheckResult checkResult = waiting.filter(
                        each -> each.before() == before && each.files().equals(then))
                .map(Waiting::checked)
                .orElse(null);
        if (checkResult == null) {
            waiting.ifPresent(each -> each.checked().blueprint().close());
            waiting = Optional.empty();
            checkResult = checked(then, changed);
        }
        CandidateRoutes candidateRoutes = checkResult.blueprint();
        RouteDiff routeDiff = RouteDiff.between(prints, checkResult.prints());
        try {
            createTopics(candidateRoutes);
            apply(before, candidateRoutes, routeDiff);
        } catch (RoutesBusyException e) {
            waiting = Optional.of(new Waiting(before, then, checkResult));
            changed.forEach(name -> waits(name, e));
            throw e;
        } catch (InvalidRouteFileException | InterruptedException | RuntimeException | Error e) {
            waiting = Optional.empty();
            candidateRoutes.close();
            throw e;
        }
        waiting = Optional.empty();
        prints = checkResult.prints();
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
                routeDiff.touched(),
                routeDiff.started());
    }

    /** What a check does not expect is a reason against these files too, and never keeps others from being taken. */
    private RouteFileCheck.CheckResult checked(Map<String, RouteFile> files, Set<String> changed)
            throws InvalidRouteFileException {
        try {
            return routeFileCheck.check(files, changed);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.warn("The check of {} failed", changed, e);
            throw new InvalidRouteFileException("", 0, 0, InvalidRouteFileException.reason(e));
        }
    }

    private void apply(CandidateRoutes now, CandidateRoutes then, RouteDiff routeDiff)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        try (OperatedRoutes.Turn turn = operated().turn()) {
            routeReplacer.apply(now, then, routeDiff, () -> {
                operated().begun(routeDiff.started());
                accept(then, routeDiff.started());
            });
        } catch (TimeoutException e) {
            throw new RoutesBusyException(e.getMessage());
        }
    }

    private void createTopics(CandidateRoutes candidateRoutes) throws RoutesBusyException {
        if (!candidateRoutes.topics().equals(running.topics())) {
            try {
                Topics topics = bean(Topics.class);
                topicCreation.create(topics.with(candidateRoutes.topics()));
            } catch (Exception e) {
                throw new RoutesBusyException("its topics cannot be created: " + ErrorText.line(e));
            }
        }
    }

    private OperatedRoutes operated() {
        return (OperatedRoutes) getCamelContext().getRouteController();
    }

    private void accept(CandidateRoutes candidateRoutes, Collection<String> begun) {
        running = candidateRoutes;
        begun.forEach(id -> started.put(id, Instant.now()));
    }

    private void waits(String name, RoutesBusyException e) {
        FileEdit last = edits.put(name, new FileEdit(Instant.now(), Optional.empty(), Optional.of(e.getMessage())));
        if (last == null || last.waiting().isEmpty()) {
            LOG.warn("{} is not taken yet: {}", name, e.getMessage());
        }
    }

    private void reject(String name, InvalidRouteFileException e) {
        InvalidRouteFileException invalidRouteFileException = e.file().equals(name)
                ? e
                : new InvalidRouteFileException(
                        name, 0, 0, "with it this fails: " + (e.file().isEmpty() ? e.getMessage() : e));
        FileEdit last = edits.get(name);
        if (last != null
                && last.rejected()
                        .map(InvalidRouteFileException::toString)
                        .equals(Optional.of(invalidRouteFileException.toString()))) {
            // Tried again because another file was saved.
            return;
        }
        edits.put(name, new FileEdit(Instant.now(), Optional.of(invalidRouteFileException), Optional.empty()));
        counter("rejected").increment();
        LOG.warn("{} (rejected; the previous routes keep running)", invalidRouteFileException.toString());
    }

    private Counter counter(String outcome) {
        return bean(MeterRegistry.class).counter("caravan.route.edits", "outcome", outcome);
    }

    private static FileEdit taken(Instant at) {
        return new FileEdit(at, Optional.empty(), Optional.empty());
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
    public Map<String, FileEdit> edits() {
        return new TreeMap<>(edits);
    }

    /** When a route was begun with an edit or the start, by its id. */
    Map<String, Instant> started() {
        return new HashMap<>(started);
    }

    /** What runs now; empty where the routes were not loaded from here. */
    Optional<CandidateRoutes> running() {
        return Optional.ofNullable(running);
    }

    /** What a file of the running program should do otherwise. */
    List<LintWarning> advice() {
        return running().map(LintWarning::of).orElse(List.of());
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
