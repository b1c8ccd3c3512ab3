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
import org.apache.camel.util.function.ThrowingConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the running routes equal to the files of {@code ROUTES_DIR}. The folder is checked four times a second, and a
 * file that did not change between two checks counts as completely written. An edit is checked as a whole before any
 * route is touched, and an invalid edit changes nothing. If several files are saved at once, the valid ones are
 * applied.
 */
public final class RouteFiles extends ContextBean implements AutoCloseable {

    /** The last edit of a file: {@code rejected} if it is invalid, {@code waiting} if it could not be applied yet. */
    public record FileEdit(Instant at, Optional<InvalidRouteFileException> rejected, Optional<String> waiting) {

        String state() {
            return rejected.isPresent() ? "rejected" : waiting.isPresent() ? "waiting" : LIVE;
        }
    }

    /** An edit that could not be applied yet. It is tried again without another check. */
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
    private ThrowingConsumer<Consumers, Exception> topicCreation;
    private ScheduledExecutorService watch;

    // After the start, only the watching thread writes these fields.
    private volatile CandidateRoutes running;

    private volatile Map<String, RouteFile> read = Map.of();
    private RouteDiff.Prints prints;
    private Map<String, String> seen = Map.of();
    private Map<String, String> applied = Map.of();
    private long notBefore;
    private Optional<Waiting> waiting = Optional.empty();

    /** A folder, or {@code classpath:} for the packaged files. */
    public void setLocation(String location) {
        this.location = new Location(location);
    }

    /** @throws IllegalArgumentException if the folder cannot be read or has no route file */
    public void open() {
        try {
            if (!location.isShipped()
                    && new RouteFolder(getCamelContext(), location).paths().isEmpty()) {
                throw new IllegalArgumentException(
                        "ROUTES_DIR=" + location.text() + ": it contains no route file (*.yaml or *.xml)");
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private IllegalArgumentException unreadable(IOException e) {
        return new IllegalArgumentException("ROUTES_DIR=" + location.text() + ": " + Location.reason(e), e);
    }

    /**
     * Loads the files into the program before it starts. Logs and leaves out invalid files.
     *
     * @throws IllegalArgumentException if the folder cannot be read, or with one line for each file that names a
     *     missing schema
     */
    public void load() {
        folder = new RouteFolder(getCamelContext(), location);
        routeFileCheck = new RouteFileCheck(getCamelContext());
        routeReplacer = new RouteReplacer(getCamelContext());
        RouteFolder.Reading reading;
        try {
            applied = folder.canChange() ? folder.state() : Map.of();
            reading = folder.read();
        } catch (IOException e) {
            throw unreadable(e);
        }
        seen = applied;
        read = reading.files();
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
        files.forEach(name -> edits.put(name, applied(Instant.now())));
    }

    /**
     * Starts to apply edits while the program runs.
     *
     * @param topicCreation creates the missing topics of consumers
     */
    public void watch(ThrowingConsumer<Consumers, Exception> topicCreation) {
        this.topicCreation = topicCreation;
        // Registered at the start, so that the first edit counts as an increase.
        counter("accepted");
        counter("rejected");
        if (folder.canChange()) {
            watch = getCamelContext()
                    .getExecutorServiceManager()
                    .newSingleThreadScheduledExecutor(this, "caravan-routes");
            watch.scheduleWithFixedDelay(
                    new RepeatedTask("The check of the route files", LOG, this::checkFolder),
                    LOOK.toMillis(),
                    LOOK.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Runs an action that must not overlap with an edit, before the next edit is applied. */
    public void runBetweenEdits(Runnable action) {
        if (watch == null) {
            action.run();
        } else {
            watch.execute(new RepeatedTask("The restart of a consumer", LOG, () -> {
                try (OperatedRoutes.Turn turn = routeController().turn()) {
                    action.run();
                } catch (TimeoutException e) {
                    runBetweenEdits(action);
                }
            }));
        }
    }

    private void checkFolder() throws InvalidRouteFileException, InterruptedException {
        try {
            if (prints == null) {
                // After the start, which it would delay.
                prints = routeFileCheck.prints(running.files());
                RouteFileSyntax.prepare();
            }
            Map<String, String> state = folder.state();
            boolean stands = state.equals(seen);
            seen = state;
            if (stands && !state.equals(applied) && System.nanoTime() >= notBefore) {
                // Anything written after this point is a new state for a later check.
                RouteFolder.Reading reading = folder.read();
                try {
                    applyAll(reading);
                } finally {
                    // Otherwise the stream would find the edit up to 2 s later.
                    FlowEvents.wake(getCamelContext());
                }
                applied = state;
            }
        } catch (RoutesBusyException e) {
            notBefore = System.nanoTime() + BUSY.toNanos();
        } catch (IOException e) {
            if (!applied.isEmpty()) {
                LOG.warn("The routes folder cannot be read; the running routes stay unchanged: {}", e.toString());
                applied = Map.of();
            }
        } catch (InvalidRouteFileException | RuntimeException | Error e) {
            // The same files would fail again, so wait for the next edit.
            applied = seen;
            throw e;
        }
    }

    private void applyAll(RouteFolder.Reading reading) throws RoutesBusyException, InterruptedException {
        Map<String, RouteFile> good = running.files();
        read = reading.files();
        reading.refused().forEach(this::reject);
        Set<String> changed = new TreeSet<>();
        for (String name : all(good.keySet(), reading.files().keySet())) {
            if (reading.refused().containsKey(name)) {
                continue;
            }
            if (!text(good.get(name)).equals(text(reading.files().get(name)))) {
                changed.add(name);
            } else if (!edits.get(name).state().equals(LIVE)) {
                edits.put(name, applied(Instant.now()));
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
                applyEach(changed, reading.files());
            }
        }
    }

    /** Applies files one by one. A file that depends on another one is applied after it. */
    private void applyEach(Set<String> changed, Map<String, RouteFile> files)
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
            waiting.ifPresent(each -> each.checked().candidate().close());
            waiting = Optional.empty();
            checkResult = checked(then, changed);
        }
        CandidateRoutes candidateRoutes = checkResult.candidate();
        RouteDiff routeDiff = RouteDiff.between(prints, checkResult.prints());
        try {
            createTopics(candidateRoutes);
            apply(before, candidateRoutes, routeDiff);
        } catch (RoutesBusyException e) {
            waiting = Optional.of(new Waiting(before, then, checkResult));
            changed.forEach(name -> markWaiting(name, e));
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
                edits.put(name, applied(Instant.now()));
            } else {
                edits.remove(name);
            }
            counter("accepted").increment();
        }
        LOG.info(
                "Applied {} after {} ms; routes stopped: {}, started: {}",
                String.join(", ", changed),
                (System.nanoTime() - began) / 1_000_000,
                routeDiff.touched(),
                routeDiff.started());
    }

    /** An unexpected failure of the check rejects these files too, and does not keep others from being applied. */
    private RouteFileCheck.CheckResult checked(Map<String, RouteFile> files, Set<String> changed)
            throws InvalidRouteFileException {
        try {
            return routeFileCheck.check(files, changed);
        } catch (RuntimeException | Error e) {
            LOG.warn("The check of {} failed", changed, e);
            throw new InvalidRouteFileException("", InvalidRouteFileException.reason(e));
        }
    }

    private void apply(CandidateRoutes now, CandidateRoutes then, RouteDiff routeDiff)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        try (OperatedRoutes.Turn turn = routeController().turn()) {
            routeReplacer.apply(now, then, routeDiff, () -> {
                routeController().started(routeDiff.started());
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
                topicCreation.accept(topics.with(candidateRoutes.topics()));
            } catch (Exception e) {
                throw new RoutesBusyException("its topics cannot be created: " + ErrorText.line(e));
            }
        }
    }

    private OperatedRoutes routeController() {
        return (OperatedRoutes) getCamelContext().getRouteController();
    }

    private void accept(CandidateRoutes candidateRoutes, Collection<String> begun) {
        running = candidateRoutes;
        begun.forEach(id -> started.put(id, Instant.now()));
    }

    private void markWaiting(String name, RoutesBusyException e) {
        FileEdit last = edits.put(name, new FileEdit(Instant.now(), Optional.empty(), Optional.of(e.getMessage())));
        if (last == null || last.waiting().isEmpty()) {
            LOG.warn("{} is not applied yet: {}", name, e.getMessage());
        }
    }

    private void reject(String name, InvalidRouteFileException e) {
        InvalidRouteFileException invalidRouteFileException = e.file().equals(name)
                ? e
                : new InvalidRouteFileException(
                        name, "it conflicts with other files: " + (e.file().isEmpty() ? e.getMessage() : e));
        FileEdit last = edits.get(name);
        if (last != null
                && last.rejected()
                        .map(InvalidRouteFileException::toString)
                        .equals(Optional.of(invalidRouteFileException.toString()))) {
            // Another file was saved, so this one is tried again.
            return;
        }
        edits.put(name, new FileEdit(Instant.now(), Optional.of(invalidRouteFileException), Optional.empty()));
        counter("rejected").increment();
        LOG.warn("Rejected {}; the previous routes keep running", invalidRouteFileException.toString());
    }

    private Counter counter(String outcome) {
        return bean(MeterRegistry.class).counter("caravan.route.edits", "outcome", outcome);
    }

    private static FileEdit applied(Instant at) {
        return new FileEdit(at, Optional.empty(), Optional.empty());
    }

    private static Set<String> all(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    /** Empty if there is no such file; an empty file gives an empty text. */
    private static Optional<String> text(RouteFile file) {
        return Optional.ofNullable(file).map(RouteFile::text);
    }

    /** The last edit of each file, by its name. */
    public Map<String, FileEdit> edits() {
        return new TreeMap<>(edits);
    }

    /** Empty for a name that is not in the folder. */
    Optional<FileEdit> edit(String name) {
        return Optional.ofNullable(edits.get(name));
    }

    /** The text of a file as it was last read; empty for one that cannot be read. */
    Optional<String> text(String name) {
        return text(read.get(name));
    }

    /** When each route was started, by an edit or at the start of the program, by its id. */
    Map<String, Instant> started() {
        return new HashMap<>(started);
    }

    /** The routes that run now; empty if they were not loaded from here. */
    Optional<CandidateRoutes> running() {
        return Optional.ofNullable(running);
    }

    /** The warnings about the running route files. */
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
