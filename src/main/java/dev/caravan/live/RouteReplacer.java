package dev.caravan.live;

import dev.caravan.operations.metrics.RouteTimers;
import dev.caravan.platform.http.HttpOperations;
import dev.caravan.platform.kafka.ConsumerThread;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.BeanModelHelper;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.ObjectHelper;
import org.apache.camel.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces routes of the running program. Nothing changes until the current messages have left the touched routes. Then
 * these accept no new messages, finish their last ones and stop, and their successors start. Meanwhile HTTP requests
 * wait in front of the routes, records wait in Kafka, and calling routes wait at their {@code direct:} endpoints. If a
 * successor does not start, the previous routes start again.
 */
final class RouteReplacer {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReplacer.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int POLL_MILLIS = 2;

    /** How long a consumer may take, on a busy machine, to count a message that it has just received. */
    private static final int SETTLE_MILLIS = 30;

    private final CamelContext program;
    private final Model model;

    RouteReplacer(CamelContext program) {
        this.program = program;
        model = program.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** Adds all routes to a program without routes. */
    void addAll(CandidateRoutes candidate) throws Exception {
        replaceParts(candidate, beanNames(candidate));
        add(inOrder(candidate, candidate.ids()));
    }

    /**
     * @param applied called when the successors run, before they get a request, so that a client of a new route also
     *     finds the route in the list
     * @throws InvalidRouteFileException if a route does not stop or a successor does not start; the previous routes
     *     keep running
     * @throws RoutesBusyException if a touched route does not finish its messages in time; it keeps running
     */
    void apply(CandidateRoutes before, CandidateRoutes after, RouteDiff diff, Runnable applied)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        Set<String> callers = callers(before, diff.touched());
        awaitCurrentMessages(diff.touched(), callers);
        List<Consumer> stopped = running(diff.touched())
                .map(Route::getConsumer)
                .filter(consumer -> consumer instanceof KafkaConsumer kafka && kafka.isStarted())
                .toList();
        List<Consumer> suspended = new ArrayList<>();
        Runnable release = () -> {};
        try {
            try {
                // Consumers stop after their current record, not after the whole poll. They stop before HTTP routes are
                // paused, because leaving a group takes time.
                stop(stopped);
                release = hold(callers);
                quiesce(before, diff.touched(), suspended);
            } catch (RoutesBusyException | InterruptedException | RuntimeException | Error e) {
                forEach(suspended, ServiceHelper::resumeService);
                forEach(stopped, ServiceHelper::startService);
                if (e instanceof RuntimeException || e instanceof Error) {
                    LOG.warn("A route did not stop before its replacement", e);
                    throw new InvalidRouteFileException(
                            "", "the route to replace does not stop: " + InvalidRouteFileException.reason(e));
                }
                throw e;
            }
            swap(before, after, diff);
            applied.run();
        } finally {
            release.run();
        }
    }

    private void swap(CandidateRoutes before, CandidateRoutes after, RouteDiff diff) throws InvalidRouteFileException {
        try {
            remove(diff.touched());
            replaceParts(after, diff.beans());
            add(inOrder(after, diff.started()));
        } catch (Throwable e) {
            attempt(e, () -> remove(diff.started()));
            attempt(e, () -> replaceParts(before, diff.beans()));
            // One by one, so that the others start even if one fails.
            for (RouteDefinition route : inOrder(before, diff.touched())) {
                attempt(e, () -> add(List.of(route)));
            }
            throw rejected(after, e);
        }
        Set<String> removedBeans = beanNames(before);
        removedBeans.removeAll(beanNames(after));
        removedBeans.forEach(program.getRegistry()::unbind);
    }

    /** Runs a step, and adds its failure to the first one. */
    private static void attempt(Throwable first, ThrowingRunnable<Exception> undoStep) {
        try {
            undoStep.run();
        } catch (Throwable e) {
            first.addSuppressed(e);
        }
    }

    /** Applies the action to every consumer, even if it fails for some. */
    private static void forEach(List<Consumer> consumers, java.util.function.Consumer<Object> action) {
        for (Consumer consumer : consumers) {
            try {
                action.accept(consumer);
            } catch (RuntimeException | Error e) {
                LOG.error("{} does not restart", consumer, e);
            }
        }
    }

    private InvalidRouteFileException rejected(CandidateRoutes after, Throwable e) {
        LOG.warn("The edit failed; restarting the previous routes", e);
        FailedToStartRouteException failed = ObjectHelper.getException(FailedToStartRouteException.class, e);
        RouteDefinition route =
                failed == null ? null : after.route(failed.getRouteId()).orElse(null);
        RouteFile file = route == null ? null : after.file(route);
        String reason = "it does not start: "
                + InvalidRouteFileException.reason(failed == null || failed.getCause() == null ? e : failed.getCause());
        String still = e.getSuppressed().length == 0
                ? ""
                : " (and the previous routes do not restart: " + InvalidRouteFileException.reason(e.getSuppressed()[0])
                        + ")";
        return new InvalidRouteFileException(file, file == null ? 0 : after.line(route), reason + still);
    }

    /** The touched routes and all routes that call them, directly or through others. */
    private static Set<String> callers(CandidateRoutes before, Set<String> touched) {
        Set<String> callers = new HashSet<>(touched);
        boolean more = true;
        while (more) {
            Set<String> called = before.routes().stream()
                    .filter(route -> callers.contains(route.getRouteId()))
                    .map(CandidateRoutes::uri)
                    .filter(uri -> uri.startsWith("direct:"))
                    .collect(Collectors.toSet());
            more = callers.addAll(before.routes().stream()
                    .filter(route -> !Collections.disjoint(called, CandidateRoutes.uris(route)))
                    .map(RouteDefinition::getRouteId)
                    .toList());
        }
        return callers;
    }

    private Stream<Route> running(Collection<String> ids) {
        return ids.stream().map(program::getRoute).filter(Objects::nonNull);
    }

    /**
     * Waits until the current messages have left the routes, and blocks nothing meanwhile. It ignores newer messages, so
     * a busy route can be replaced too.
     *
     * @throws RoutesBusyException if a message stays for {@link #TIMEOUT}
     */
    private void awaitCurrentMessages(Set<String> touched, Set<String> callers)
            throws RoutesBusyException, InterruptedException {
        long begin = System.nanoTime();
        for (Route route : running(callers).toList()) {
            while (hasMessageOlderThan(since(begin), route, touched.contains(route.getId()))) {
                if (since(begin).compareTo(TIMEOUT) > 0) {
                    throw busy(route.getId());
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private static RoutesBusyException busy(String route) {
        return new RoutesBusyException("the route " + route + " is still processing messages");
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private boolean hasMessageOlderThan(Duration age, Route route, boolean touched) {
        if (route.getConsumer() instanceof KafkaConsumer kafka) {
            return touched
                    && program
                            .getRegistry()
                            .findSingleByType(ConsumerThreads.class)
                            .snapshots(kafka.getEndpoint().getConfiguration())
                            .stream()
                            .anyMatch(reader -> reader.isAt(ConsumerThread.Phase.WORKING, age));
        }
        return (touched || endpoint(route) instanceof PlatformHttpEndpoint)
                && !program.getRegistry().findSingleByType(RouteTimers.class).isWithin(route.getId(), age);
    }

    private static Endpoint endpoint(Route route) {
        return route.getConsumer() == null
                ? route.getEndpoint()
                : route.getConsumer().getEndpoint();
    }

    /** Makes new messages for the routes wait until the result is run. */
    private Runnable hold(Set<String> callers) throws RoutesBusyException, InterruptedException {
        try {
            return HttpOperations.of(program)
                    .hold(running(callers).map(RouteReplacer::endpoint).toList(), TIMEOUT);
        } catch (TimeoutException e) {
            throw new RoutesBusyException(e.getMessage());
        }
    }

    /** Pauses callers before the routes that they call, so that current messages can finish. */
    private void quiesce(CandidateRoutes before, Set<String> touched, List<Consumer> suspended)
            throws RoutesBusyException, InterruptedException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        List<RouteDefinition> left = new ArrayList<>(before.routes().stream()
                .filter(route -> touched.contains(route.getRouteId()))
                .toList());
        List<String> paused = new ArrayList<>();
        while (!left.isEmpty()) {
            RouteDefinition next = left.stream()
                    .filter(route -> left.stream()
                            .noneMatch(other -> other != route
                                    && CandidateRoutes.uris(other).contains(CandidateRoutes.uri(route))))
                    .findFirst()
                    .orElse(left.get(0));
            left.remove(next);
            Route route = program.getRoute(next.getRouteId());
            if (route == null
                    || route.getConsumer() instanceof KafkaConsumer
                    || !program.getRouteController()
                            .getRouteStatus(route.getId())
                            .isStarted()) {
                continue;
            }
            if (!CandidateRoutes.uri(next).startsWith("rest") && ServiceHelper.suspendService(route.getConsumer())) {
                suspended.add(route.getConsumer());
            }
            paused.add(route.getId());
            awaitEmpty(route.getId(), end);
        }
        do {
            Thread.sleep(SETTLE_MILLIS);
            for (String id : paused) {
                awaitEmpty(id, end);
            }
        } while (paused.stream().anyMatch(this::isBusy));
    }

    private void awaitEmpty(String route, long end) throws RoutesBusyException, InterruptedException {
        while (isBusy(route)) {
            if (System.nanoTime() > end) {
                throw busy(route);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isBusy(String route) {
        return program.getInflightRepository().size(route) > 0;
    }

    /** In parallel, because each consumer takes about 100 ms to leave its group. */
    private static void stop(List<Consumer> consumers) {
        CompletableFuture.allOf(consumers.stream()
                        .map(consumer -> CompletableFuture.runAsync(
                                () -> ServiceHelper.stopService(consumer),
                                each -> new Thread(each, "caravan-stop").start()))
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    private void remove(Set<String> ids) throws Exception {
        for (String id : ids) {
            RouteDefinition route = model.getRouteDefinition(id);
            if (route != null) {
                model.removeRouteDefinition(route);
            }
        }
    }

    /** Replaces these beans and all parts other than beans and routes. */
    private void replaceParts(CandidateRoutes candidate, Set<String> beans) throws Exception {
        program.getRegistry().findSingleByType(Topics.class).setRoutes(candidate.topics());
        for (BeanFactoryDefinition<?> bean : candidate.beans()) {
            if (beans.contains(bean.getName())) {
                Object made = BeanModelHelper.newInstance(bean, program);
                program.getRegistry().unbind(bean.getName());
                program.getRegistry().bind(bean.getName(), made, bean.getInitMethod(), bean.getDestroyMethod());
                model.addCustomBean(bean);
            }
        }
        model.getRouteConfigurationDefinitions().clear();
        model.addRouteConfigurations(candidate.configurations());
        model.getRouteTemplateDefinitions().clear();
        model.addRouteTemplateDefinitions(candidate.templates());
        model.getRestDefinitions().clear();
        model.addRestDefinitions(candidate.rests(), false);
    }

    /** Sorts called routes before their callers. */
    private static List<RouteDefinition> inOrder(CandidateRoutes candidate, Set<String> ids) {
        return candidate.routes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .sorted(Comparator.comparing(
                        route -> !CandidateRoutes.uri(route).startsWith("direct:")))
                .toList();
    }

    private void add(List<RouteDefinition> routes) throws Exception {
        routes.forEach(route -> CamelContextAware.trySetCamelContext(route, program));
        model.addRouteDefinitions(routes);
    }

    private static Set<String> beanNames(CandidateRoutes candidate) {
        Set<String> names = new HashSet<>();
        candidate.beans().forEach(bean -> names.add(bean.getName()));
        return names;
    }
}
