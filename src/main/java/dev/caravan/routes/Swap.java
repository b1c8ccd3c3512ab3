package dev.caravan.routes;

import dev.caravan.context.Causes;
import dev.caravan.http.Doors;
import dev.caravan.topics.Topics;
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
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.Route;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.BeanModelHelper;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces routes of the running program. Those that are touched take nothing new, finish what they have, end, and their successors
 * begin; meanwhile HTTP requests wait before their doors, records in Kafka, and other routes at the {@code direct:} endpoints that
 * they call. Where a successor does not start, the routes of before begin again.
 */
final class Swap {

    private static final Logger LOG = LoggerFactory.getLogger(Swap.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int LOOK_MILLIS = 2;
    private static final int MOMENT_MILLIS = 30;

    private final CamelContext program;
    private final Model model;

    Swap(CamelContext program) {
        this.program = program;
        model = program.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** Puts all of it into a program that has no route files yet. */
    void begin(Blueprint blueprint) throws Exception {
        replace(blueprint, names(blueprint));
        add(blueprint, blueprint.ids());
    }

    /**
     * @param taken called once the successors run, before any request gets to them: who was answered by one finds it listed
     * @throws Rejected when a successor does not start; the routes of before run on
     * @throws Busy when a touched route is not done with what it has; it runs on
     */
    void apply(Blueprint now, Blueprint then, Change change, Runnable taken)
            throws Rejected, Busy, InterruptedException {
        List<Consumer> stopped = kafkaConsumers(change.touched());
        List<Consumer> suspended = new ArrayList<>();
        // They end with the record that they have, not with the poll; and before any door is held, because leaving a
        // group takes a while.
        stop(stopped);
        Runnable open = () -> {};
        try {
            try {
                open = hold(now, change);
                quiesce(now, change.touched(), suspended);
            } catch (Busy | InterruptedException | RuntimeException e) {
                suspended.forEach(ServiceHelper::resumeService);
                stopped.forEach(ServiceHelper::startService);
                throw e;
            }
            exchange(now, then, change);
            taken.run();
        } finally {
            open.run();
        }
    }

    private void exchange(Blueprint now, Blueprint then, Change change) throws Rejected {
        try {
            remove(change.touched());
            replace(then, change.beans());
            add(then, change.started());
        } catch (Exception e) {
            try {
                remove(change.started());
                replace(now, change.beans());
                add(now, change.touched());
            } catch (Exception again) {
                e.addSuppressed(again);
            }
            throw rejected(then, e);
        }
        gone(now, then).forEach(program.getRegistry()::unbind);
    }

    private Rejected rejected(Blueprint then, Exception e) {
        LOG.warn("The routes of before begin again", e);
        FailedToStartRouteException failed = ObjectHelper.getException(FailedToStartRouteException.class, e);
        RouteDefinition route =
                failed == null ? null : then.route(failed.getRouteId()).orElse(null);
        RouteFile file = route == null ? null : then.file(route);
        String reason = "it does not start: "
                + Causes.line(failed == null || failed.getCause() == null ? e : failed.getCause());
        String still = e.getSuppressed().length == 0
                ? ""
                : " (and the routes of before do not start again: " + Causes.line(e.getSuppressed()[0]) + ")";
        return file == null
                ? new Rejected("", 0, 0, reason + still)
                : new Rejected(file.name(), then.line(route), file.column(then.line(route)), reason + still);
    }

    /** Those touched, and those that call one which is: these must not wait on the thread that reads requests. */
    private Runnable hold(Blueprint now, Change change) throws Busy, InterruptedException {
        Set<String> held = new HashSet<>(change.touched());
        boolean more = true;
        while (more) {
            more = held.addAll(now.routes().stream()
                    .filter(route -> calls(now, held)
                            .anyMatch(address -> Blueprint.uris(route).contains(address)))
                    .map(RouteDefinition::getRouteId)
                    .toList());
        }
        try {
            return Doors.of(program)
                    .hold(
                            held.stream()
                                    .map(program::getRoute)
                                    .filter(Objects::nonNull)
                                    .map(route -> route.getConsumer() == null
                                            ? route.getEndpoint()
                                            : route.getConsumer().getEndpoint())
                                    .toList(),
                            TIMEOUT);
        } catch (TimeoutException e) {
            throw new Busy(e.getMessage());
        }
    }

    private static Stream<String> calls(Blueprint blueprint, Set<String> ids) {
        return blueprint.routes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .map(Blueprint::uri)
                .filter(uri -> uri.startsWith("direct:"));
    }

    /** Callers before those whom they call, so that what is in flight finds its way to the end. */
    private void quiesce(Blueprint now, Set<String> touched, List<Consumer> suspended)
            throws Busy, InterruptedException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        List<RouteDefinition> left = new ArrayList<>(now.routes().stream()
                .filter(route -> touched.contains(route.getRouteId()))
                .toList());
        List<String> emptied = new ArrayList<>();
        while (!left.isEmpty()) {
            RouteDefinition next = left.stream()
                    .filter(route -> left.stream()
                            .noneMatch(other ->
                                    other != route && Blueprint.uris(other).contains(Blueprint.uri(route))))
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
            if (!Blueprint.uri(next).startsWith("rest") && ServiceHelper.suspendService(route.getConsumer())) {
                suspended.add(route.getConsumer());
            }
            emptied.add(route.getId());
            awaitEmpty(route.getId(), end);
        }
        // A consumer that had just found one of them is counted there a moment later, on a busy machine some moments.
        do {
            Thread.sleep(MOMENT_MILLIS);
            for (String id : emptied) {
                awaitEmpty(id, end);
            }
        } while (emptied.stream().anyMatch(this::isBusy));
    }

    private void awaitEmpty(String route, long end) throws Busy, InterruptedException {
        while (isBusy(route)) {
            if (System.nanoTime() > end) {
                throw new Busy("the route " + route + " is not done with what it has");
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

    /** All at a time: each takes some 100 ms to leave its group. */
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

    /** The parts that are no routes. */
    private void replace(Blueprint blueprint, Set<String> beans) throws Exception {
        program.getRegistry().findSingleByType(Topics.class).ofRoutes(blueprint.topics());
        for (BeanFactoryDefinition<?> bean : blueprint.beans()) {
            if (beans.contains(bean.getName())) {
                Object made = BeanModelHelper.newInstance(bean, program);
                program.getRegistry().unbind(bean.getName());
                program.getRegistry().bind(bean.getName(), made, bean.getInitMethod(), bean.getDestroyMethod());
                model.addCustomBean(bean);
            }
        }
        model.getRouteConfigurationDefinitions().clear();
        model.addRouteConfigurations(blueprint.configurations());
        model.getRouteTemplateDefinitions().clear();
        model.addRouteTemplateDefinitions(blueprint.templates());
        model.getRestDefinitions().clear();
        model.addRestDefinitions(blueprint.rests(), false);
    }

    /** Those that are called before those that call. */
    private void add(Blueprint blueprint, Set<String> ids) throws Exception {
        List<RouteDefinition> routes = blueprint.routes().stream()
                .filter(route -> ids.contains(route.getRouteId()))
                .sorted(Comparator.comparing(route -> !Blueprint.uri(route).startsWith("direct:")))
                .toList();
        routes.forEach(route -> CamelContextAware.trySetCamelContext(route, program));
        model.addRouteDefinitions(routes);
    }

    private static Set<String> gone(Blueprint now, Blueprint then) {
        Set<String> gone = names(now);
        gone.removeAll(names(then));
        return gone;
    }

    private static Set<String> names(Blueprint blueprint) {
        Set<String> names = new HashSet<>();
        blueprint.beans().forEach(bean -> names.add(bean.getName()));
        return names;
    }
}
