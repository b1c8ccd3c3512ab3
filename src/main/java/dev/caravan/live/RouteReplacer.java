package dev.caravan.live;

import dev.caravan.operations.metrics.RouteTimers;
import dev.caravan.platform.http.DrainingProcessors;
import dev.caravan.platform.kafka.ConsumerThread;
import dev.caravan.platform.kafka.ConsumerThreads;
import dev.caravan.platform.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
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
 * Replaces routes of the running program. Nothing changes until the messages that are in the touched routes have left
 * them. Then the touched routes accept no new messages, finish their current ones and stop, and their successors start.
 * Meanwhile HTTP requests wait in front of the routes, records wait in Kafka, and calling routes wait at their {@code
 * direct:} endpoints. If a successor does not start, the previous routes start again.
 */
final class RouteReplacer {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReplacer.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int LOOK_MILLIS = 2;
    private static final int MOMENT_MILLIS = 30;

    private final CamelContext program;
    private final Model model;

    RouteReplacer(CamelContext program) {
        this.program = program;
        model = program.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** Adds all routes to a program that has no route files yet. */
    void begin(CandidateRoutes candidateRoutes) throws Exception {
        replace(candidateRoutes, names(candidateRoutes));
        add(inOrder(candidateRoutes, candidateRoutes.ids()));
    }

    /**
     * @param applied called once the successors run and before they get a request, so that a client of a new route also
     *     finds it listed
     * @throws InvalidRouteFileException if a route does not stop or a successor does not start; the previous routes
     *     keep running
     * @throws RoutesBusyException if a touched route does not finish its messages in time; it keeps running
     */
    void apply(CandidateRoutes now, CandidateRoutes then, RouteDiff routeDiff, Runnable applied)
            throws InvalidRouteFileException, RoutesBusyException, InterruptedException {
        Set<String> callers = callers(now, routeDiff.touched());
        awaitPresent(routeDiff.touched(), callers);
        List<Consumer> stopped = kafkaConsumers(routeDiff.touched());
        List<Consumer> suspended = new ArrayList<>();
        Runnable open = () -> {};
        try {
            try {
                // Consumers stop after their current record, not after the poll, and before any HTTP route is paused,
                // because leaving a group takes time.
                stop(stopped);
                open = hold(callers);
                quiesce(now, routeDiff.touched(), suspended);
            } catch (RoutesBusyException | InterruptedException | RuntimeException | Error e) {
                each(suspended, ServiceHelper::resumeService);
                each(stopped, ServiceHelper::startService);
                if (e instanceof RuntimeException || e instanceof Error) {
                    LOG.warn("A route did not stop before its replacement", e);
                    throw new InvalidRouteFileException(
                            "", "the route to replace does not stop: " + InvalidRouteFileException.reason(e));
                }
                throw e;
            }
            exchange(now, then, routeDiff);
            applied.run();
        } finally {
            open.run();
        }
    }

    private void exchange(CandidateRoutes now, CandidateRoutes then, RouteDiff routeDiff)
            throws InvalidRouteFileException {
        try {
            remove(routeDiff.touched());
            replace(then, routeDiff.beans());
            add(inOrder(then, routeDiff.started()));
        } catch (Throwable e) {
            attempt(e, () -> remove(routeDiff.started()));
            attempt(e, () -> replace(now, routeDiff.beans()));
            // One by one, so that a failure of one does not keep the others from starting.
            for (RouteDefinition route : inOrder(now, routeDiff.touched())) {
                attempt(e, () -> add(List.of(route)));
            }
            throw rejected(then, e);
        }
        removedBeans(now, then).forEach(program.getRegistry()::unbind);
    }

    /** Runs a step and adds its failure to the first one. */
    private static void attempt(Throwable first, ThrowingRunnable<Exception> undoStep) {
        try {
            undoStep.run();
        } catch (Throwable e) {
            first.addSuppressed(e);
        }
    }

    /** Applies the action to every consumer, even if it fails for some. */
    private static void each(List<Consumer> consumers, java.util.function.Consumer<Object> action) {
        for (Consumer consumer : consumers) {
            try {
                action.accept(consumer);
            } catch (RuntimeException | Error e) {
                LOG.error("{} does not restart", consumer, e);
            }
        }
    }

    private InvalidRouteFileException rejected(CandidateRoutes then, Throwable e) {
        LOG.warn("The edit failed; restarting the previous routes", e);
        FailedToStartRouteException failed = ObjectHelper.getException(FailedToStartRouteException.class, e);
        RouteDefinition route =
                failed == null ? null : then.route(failed.getRouteId()).orElse(null);
        RouteFile file = route == null ? null : then.file(route);
        String reason = "it does not start: "
                + InvalidRouteFileException.reason(failed == null || failed.getCause() == null ? e : failed.getCause());
        String still = e.getSuppressed().length == 0
                ? ""
                : " (and the previous routes do not restart: " + InvalidRouteFileException.reason(e.getSuppressed()[0])
                        + ")";
        return new InvalidRouteFileException(file, file == null ? 0 : then.line(route), reason + still);
    }

    /** The touched routes and their callers, which must not wait on the thread that reads requests. */
    private static Set<String> callers(CandidateRoutes now, Set<String> touched) {
        Set<String> callers = new HashSet<>(touched);
        boolean more = true;
        while (more) {
            more = callers.addAll(now.routes().stream()
                    .filter(route -> calls(now, callers)
                            .anyMatch(address -> CandidateRoutes.uris(route).contains(address)))
                    .map(RouteDefinition::getRouteId)
                    .toList());
        }
        return callers;
    }

    /**
     * Waits, without blocking anything, until the current messages have left the routes. It ignores newer messages, so
     * a busy route can be replaced too.
     *
     * @throws RoutesBusyException if a message stays for {@link #TIMEOUT}
     */
    private void awaitPresent(Set<String> touched, Set<String> callers)
            throws RoutesBusyException, InterruptedException {
        long begin = System.nanoTime();
        for (String id : callers) {
            Route route = program.getRoute(id);
            while (route != null && hasOlder(route, touched.contains(id), since(begin))) {
                if (since(begin).compareTo(TIMEOUT) > 0) {
                    throw new RoutesBusyException("the route " + id + " is not done with what it has");
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private boolean hasOlder(Route route, boolean touched, Duration age) {
        if (route.getConsumer() instanceof KafkaConsumer kafka) {
            return touched
                    && program
                            .getRegistry()
                            .findSingleByType(ConsumerThreads.class)
                            .look(kafka.getEndpoint().getConfiguration())
                            .stream()
                            .anyMatch(reader -> reader.isAt(ConsumerThread.Phase.WORKING, age));
        }
        return (touched || isHttp(route))
                && !program.getRegistry().findSingleByType(RouteTimers.class).isWithin(route.getId(), age);
    }

    private static boolean isHttp(Route route) {
        return endpoint(route) instanceof PlatformHttpEndpoint;
    }

    private static Endpoint endpoint(Route route) {
        return route.getConsumer() == null
                ? route.getEndpoint()
                : route.getConsumer().getEndpoint();
    }

    private Runnable hold(Set<String> callers) throws RoutesBusyException, InterruptedException {
        try {
            return DrainingProcessors.of(program)
                    .hold(
                            callers.stream()
                                    .map(program::getRoute)
                                    .filter(Objects::nonNull)
                                    .map(RouteReplacer::endpoint)
                                    .toList(),
                            TIMEOUT);
        } catch (TimeoutException e) {
            throw new RoutesBusyException(e.getMessage());
        }
    }

    private static Stream<String> calls(CandidateRoutes candidateRoutes, Set<String> ids) {
        return candidateRoutes.routes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .map(CandidateRoutes::uri)
                .filter(uri -> uri.startsWith("direct:"));
    }

    /** Pauses callers before the routes that they call, so that current messages can finish. */
    private void quiesce(CandidateRoutes now, Set<String> touched, List<Consumer> suspended)
            throws RoutesBusyException, InterruptedException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        List<RouteDefinition> left = new ArrayList<>(now.routes().stream()
                .filter(route -> touched.contains(route.getRouteId()))
                .toList());
        List<String> emptied = new ArrayList<>();
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
            emptied.add(route.getId());
            awaitEmpty(route.getId(), end);
        }
        // A consumer that has just received a message counts it a moment later, on a busy machine somewhat later.
        do {
            Thread.sleep(MOMENT_MILLIS);
            for (String id : emptied) {
                awaitEmpty(id, end);
            }
        } while (emptied.stream().anyMatch(this::isBusy));
    }

    private void awaitEmpty(String route, long end) throws RoutesBusyException, InterruptedException {
        while (isBusy(route)) {
            if (System.nanoTime() > end) {
                throw new RoutesBusyException("the route " + route + " is not done with what it has");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private boolean isBusy(String route) {
        return program.getInflightRepository().size(route) > 0;
    }

    private List<Consumer> kafkaConsumers(Set<String> ids) {
        return ids.stream()
                .map(program::getRoute)
                .filter(Objects::nonNull)
                .map(Route::getConsumer)
                .filter(consumer -> consumer instanceof KafkaConsumer kafka && kafka.isStarted())
                .toList();
    }

    /** Stops all in parallel: each takes about 100 ms to leave its group. */
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

    /** Replaces the parts other than routes. */
    private void replace(CandidateRoutes candidateRoutes, Set<String> beans) throws Exception {
        program.getRegistry().findSingleByType(Topics.class).ofRoutes(candidateRoutes.topics());
        for (BeanFactoryDefinition<?> bean : candidateRoutes.beans()) {
            if (beans.contains(bean.getName())) {
                Object made = BeanModelHelper.newInstance(bean, program);
                program.getRegistry().unbind(bean.getName());
                program.getRegistry().bind(bean.getName(), made, bean.getInitMethod(), bean.getDestroyMethod());
                model.addCustomBean(bean);
            }
        }
        model.getRouteConfigurationDefinitions().clear();
        model.addRouteConfigurations(candidateRoutes.configurations());
        model.getRouteTemplateDefinitions().clear();
        model.addRouteTemplateDefinitions(candidateRoutes.templates());
        model.getRestDefinitions().clear();
        model.addRestDefinitions(candidateRoutes.rests(), false);
    }

    /** Sorts called routes before their callers. */
    private static List<RouteDefinition> inOrder(CandidateRoutes candidateRoutes, Set<String> ids) {
        return candidateRoutes.routes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .sorted(Comparator.comparing(
                        route -> !CandidateRoutes.uri(route).startsWith("direct:")))
                .toList();
    }

    private void add(List<RouteDefinition> routes) throws Exception {
        routes.forEach(route -> CamelContextAware.trySetCamelContext(route, program));
        model.addRouteDefinitions(routes);
    }

    private static Set<String> removedBeans(CandidateRoutes now, CandidateRoutes then) {
        Set<String> gone = names(now);
        gone.removeAll(names(then));
        return gone;
    }

    private static Set<String> names(CandidateRoutes candidateRoutes) {
        Set<String> names = new HashSet<>();
        candidateRoutes.beans().forEach(bean -> names.add(bean.getName()));
        return names;
    }
}
