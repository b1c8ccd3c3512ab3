package dev.caravan.live;

import dev.caravan.live.AuditedRouteController.RouteLock;
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

    /**
     * The last edit of a file: {@code rejected} if it is invalid, {@code waiting} if it could not be applied yet. While
     * an edit is being applied, this is the edit before it.
     *
     * @param text empty if the file cannot be read or was deleted
     */
    public record FileEdit(
            Instant at, Optional<String> text, Optional<InvalidRouteFileException> rejected, Optional<String> waiting) {

        private static FileEdit live(RouteFile file) {
            return of(Optional.of(file.text()), null, null);
        }

        private static FileEdit of(Optional<String> text, InvalidRouteFileException rejected, String waiting) {
            return new FileEdit(Instant.now(), text, Optional.ofNullable(rejected), Optional.ofNullable(waiting));
        }

        private boolean isLive() {
            return rejected.isEmpty() && waiting.isEmpty();
        }

        String state() {
            return isLive() ? "live" : rejected.isPresent() ? "rejected" : "waiting";
        }
    }

    /** An edit that could not be applied yet. It is tried again without another check. */
    private record Waiting(CandidateRoutes before, Map<String, RouteFile> files, RouteFileCheck.CheckResult checked) {}

    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);
    private static final Duration RETRY_DELAY = Duration.ofSeconds(2);
    private static final int STOP_SECONDS = 10;

    private final Map<String, FileEdit> edits = new ConcurrentHashMap<>();
    private final Map<String, Instant> started = new ConcurrentHashMap<>();
    private Location location = new Location("classpath:routes");
    private RouteFolder folder;
    private RouteFileCheck routeFileCheck;
    private RouteReplacer routeReplacer;
    private ThrowingConsumer<Consumers, Exception> topicCreation;
    private ScheduledExecutorService watch;

    // After the start, only the watching thread writes these fields. States of the folder are fingerprints by file
    // name.
    private volatile CandidateRoutes running;
    private RouteDiff.Texts texts;
    private Map<String, String> seenState = Map.of();
    private Map<String, String> appliedState = Map.of();
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
            appliedState = folder.canChange() ? folder.state() : Map.of();
            reading = folder.read();
        } catch (IOException e) {
            throw unreadable(e);
        }
        seenState = appliedState;
        reading.unreadable().forEach((name, e) -> reject(name, reading.files(), e));
        List<String> missing = new ArrayList<>();
        CandidateRoutes candidate = routeFileCheck.loadValid(reading.files(), e -> {
            if (e instanceof MissingSchemaException) {
                missing.add(e.toString());
            }
            reject(e.file(), reading.files(), e);
        });
        if (!missing.isEmpty()) {
            candidate.close();
            throw new IllegalArgumentException(String.join("\n", missing));
        }
        try {
            routeReplacer.addAll(candidate);
        } catch (Exception e) {
            throw new IllegalStateException("The routes cannot be loaded", e);
        }
        setRunning(candidate, candidate.ids());
        candidate.files().forEach((name, file) -> edits.put(name, FileEdit.live(file)));
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
                    POLL_INTERVAL.toMillis(),
                    POLL_INTERVAL.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Runs an action that must not overlap with an edit, before the next edit is applied. */
    public void runBetweenEdits(Runnable action) {
        if (watch == null) {
            action.run();
        } else {
            watch.execute(new RepeatedTask("The restart of a consumer", LOG, () -> {
                try (RouteLock lock = routeController().lock()) {
                    action.run();
                } catch (TimeoutException e) {
                    runBetweenEdits(action);
                }
            }));
        }
    }

    private void checkFolder() throws InvalidRouteFileException, InterruptedException {
        try {
            if (texts == null) {
                // Not in load(), because it would delay the start.
                texts = routeFileCheck.texts(running.files());
                RouteFileSyntax.prepare();
            }
            Map<String, String> state = folder.state();
            boolean isComplete = state.equals(seenState);
            seenState = state;
            if (isComplete && !state.equals(appliedState) && System.nanoTime() >= notBefore) {
                // A file that is written from here on changes the state, so a later check finds it.
                RouteFolder.Reading reading = folder.read();
                try {
                    applyAll(reading);
                } finally {
                    FlowEvents.wake(getCamelContext());
                }
                appliedState = state;
            }
        } catch (RoutesBusyException e) {
            notBefore = System.nanoTime() + RETRY_DELAY.toNanos();
        } catch (IOException e) {
            if (!appliedState.isEmpty()) {
                LOG.warn("The routes folder cannot be read; the running routes stay unchanged: {}", e.toString());
                appliedState = Map.of();
            }
        } catch (InvalidRouteFileException | RuntimeException | Error e) {
            // The same files would fail again, so wait for the next edit.
            appliedState = seenState;
            throw e;
        }
    }

    private void applyAll(RouteFolder.Reading reading) throws RoutesBusyException, InterruptedException {
        Map<String, RouteFile> before = running.files();
        reading.unreadable().forEach((name, e) -> reject(name, reading.files(), e));
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(reading.files().keySet());
        edits.keySet()
                .removeIf(name -> !names.contains(name) && !reading.unreadable().containsKey(name));
        names.removeAll(reading.unreadable().keySet());
        Set<String> changed = new TreeSet<>();
        for (String name : names) {
            if (!text(before.get(name)).equals(text(reading.files().get(name)))) {
                changed.add(name);
            } else if (!edits.get(name).isLive()) {
                edits.put(name, FileEdit.live(before.get(name)));
            }
        }
        if (changed.isEmpty()) {
            return;
        }
        try {
            apply(changed, reading.files());
        } catch (InvalidRouteFileException e) {
            if (changed.size() == 1) {
                reject(changed.iterator().next(), reading.files(), e);
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
                    apply(Set.of(name), files);
                    left.remove(name);
                    more = true;
                } catch (InvalidRouteFileException e) {
                    left.put(name, e);
                }
            }
        }
        left.forEach((name, e) -> reject(name, files, e));
    }

    private void apply(Set<String> changed, Map<String, RouteFile> files)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        long begin = System.nanoTime();
        CandidateRoutes before = running;
        Map<String, RouteFile> after = new TreeMap<>(before.files());
        after.keySet().removeAll(changed);
        changed.stream().filter(files::containsKey).forEach(name -> after.put(name, files.get(name)));
        RouteFileCheck.CheckResult checked = waiting.filter(
                        each -> each.before() == before && each.files().equals(after))
                .map(Waiting::checked)
                .orElse(null);
        if (checked == null) {
            waiting.ifPresent(each -> each.checked().candidate().close());
            waiting = Optional.empty();
            checked = check(after, changed);
        }
        RouteDiff diff = RouteDiff.between(texts, checked.texts());
        try {
            createTopics(checked.candidate());
            replace(before, checked.candidate(), diff);
        } catch (RoutesBusyException e) {
            waiting = Optional.of(new Waiting(before, after, checked));
            changed.forEach(name -> markWaiting(name, after, e));
            throw e;
        } catch (InvalidRouteFileException | InterruptedException | RuntimeException | Error e) {
            waiting = Optional.empty();
            checked.candidate().close();
            throw e;
        }
        waiting = Optional.empty();
        texts = checked.texts();
        before.close();
        for (String name : changed) {
            if (after.containsKey(name)) {
                edits.put(name, FileEdit.live(after.get(name)));
            } else {
                edits.remove(name);
            }
            counter("accepted").increment();
        }
        LOG.info(
                "Applied {} after {} ms; routes stopped: {}, started: {}",
                String.join(", ", changed),
                (System.nanoTime() - begin) / 1_000_000,
                diff.touched(),
                diff.started());
    }

    /** An unexpected failure also rejects only these files, so that others can be applied. */
    private RouteFileCheck.CheckResult check(Map<String, RouteFile> files, Set<String> changed)
            throws InvalidRouteFileException {
        try {
            return routeFileCheck.check(files, changed);
        } catch (RuntimeException | Error e) {
            LOG.warn("The check of {} failed", changed, e);
            throw new InvalidRouteFileException("", InvalidRouteFileException.reason(e));
        }
    }

    private void replace(CandidateRoutes before, CandidateRoutes after, RouteDiff diff)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        try (RouteLock lock = routeController().lock()) {
            routeReplacer.apply(before, after, diff, () -> {
                routeController().started(diff.started());
                setRunning(after, diff.started());
            });
        } catch (TimeoutException e) {
            throw new RoutesBusyException(e.getMessage());
        }
    }

    private void createTopics(CandidateRoutes candidate) throws RoutesBusyException {
        if (!candidate.topics().equals(running.topics())) {
            try {
                topicCreation.accept(bean(Topics.class).consumersOf(candidate.topics()));
            } catch (Exception e) {
                throw new RoutesBusyException("its topics cannot be created: " + ErrorText.line(e));
            }
        }
    }

    private AuditedRouteController routeController() {
        return (AuditedRouteController) getCamelContext().getRouteController();
    }

    private void setRunning(CandidateRoutes candidate, Collection<String> startedIds) {
        running = candidate;
        startedIds.forEach(id -> started.put(id, Instant.now()));
    }

    private void markWaiting(String name, Map<String, RouteFile> files, RoutesBusyException e) {
        FileEdit last = edits.put(name, FileEdit.of(text(files.get(name)), null, e.getMessage()));
        if (last == null || last.waiting().isEmpty()) {
            LOG.warn("{} is not applied yet: {}", name, e.getMessage());
        }
    }

    private void reject(String name, Map<String, RouteFile> files, InvalidRouteFileException cause) {
        InvalidRouteFileException e = cause.file().equals(name)
                ? cause
                : new InvalidRouteFileException(
                        name,
                        "it conflicts with other files: " + (cause.file().isEmpty() ? cause.getMessage() : cause));
        Optional<String> text = text(files.get(name));
        FileEdit last = edits.get(name);
        if (last != null
                && last.text().equals(text)
                && last.rejected().map(Object::toString).equals(Optional.of(e.toString()))) {
            // Another file was saved, so this one was tried again.
            return;
        }
        edits.put(name, FileEdit.of(text, e, null));
        counter("rejected").increment();
        LOG.warn("Rejected {}; the previous routes keep running", e.toString());
    }

    private Counter counter(String outcome) {
        return bean(MeterRegistry.class).counter("caravan.route.edits", "outcome", outcome);
    }

    /** Empty if there is no such file; an empty file has an empty text. */
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

    /** When each route was started, by an edit or at the start of the program, by its id. */
    Map<String, Instant> started() {
        return Map.copyOf(started);
    }

    /** The routes that run now; empty before they are loaded. */
    Optional<CandidateRoutes> running() {
        return Optional.ofNullable(running);
    }

    /** The warnings about the running route files. */
    List<LintWarning> warnings() {
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
