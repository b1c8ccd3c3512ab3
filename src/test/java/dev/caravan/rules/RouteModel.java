package dev.caravan.rules;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.main.Main;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.PolicyDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.support.PluginHelper;

/** Camel's model of the routes with their configurations; loaded but never started. */
final class RouteModel implements AutoCloseable {

    static final Path FOLDER = Path.of("src/main/resources/routes");

    private final Main main = new Main();

    /** With REST operations inlined, as the program runs them: the REST endpoint replaces the {@code direct:} endpoint of a route. */
    static RouteModel running() {
        return new RouteModel(true);
    }

    /** With the endpoints and descriptions of the files. */
    static RouteModel written() {
        return new RouteModel(false);
    }

    private RouteModel(boolean inlined) {
        Map.of(
                        "kafka.brokers", "127.0.0.1:1",
                        "database.url", "jdbc:h2:mem:rules;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE",
                        "webhooks.enabled", "true",
                        "http.port", "0",
                        "management.port", "0")
                .forEach(main::addOverrideProperty);
        main.addOverrideProperty("camel.rest.inline-routes", Boolean.toString(inlined));
        main.configure().setRoutesIncludePattern("file:" + FOLDER + "/*.yaml");
        main.init();
    }

    CamelContext context() {
        return main.getCamelContext();
    }

    HttpServerConfigurationProperties server() {
        return main.configure().httpServer();
    }

    private ModelCamelContext model() {
        return (ModelCamelContext) main.getCamelContext();
    }

    /** All routes of the files, without Camel's route for the OpenAPI document. */
    List<RouteDefinition> routes() {
        return model().getRouteDefinitions().stream()
                .filter(route -> !uri(route).startsWith("rest-api:"))
                .toList();
    }

    RouteDefinition route(String id) {
        return model().getRouteDefinition(id);
    }

    List<RouteDefinition> routesFrom(String scheme) {
        return routes().stream()
                .filter(route -> uri(route).startsWith(scheme + ":"))
                .toList();
    }

    List<RouteConfigurationDefinition> configurations() {
        return model().getRouteConfigurationDefinitions();
    }

    RouteConfigurationDefinition configuration(String id) {
        return model().getRouteConfigurationDefinition(id);
    }

    List<RestDefinition> rests() {
        return model().getRestDefinitions();
    }

    List<VerbDefinition> operations() {
        return rests().stream().flatMap(rest -> rest.getVerbs().stream()).toList();
    }

    /** The URI with unresolved placeholders. */
    static String uri(RouteDefinition route) {
        return route.getInput().getEndpointUri();
    }

    /** {@code orders} for {@code file:…/orders.camel.yaml}. */
    static String fileWord(RouteDefinition route) {
        String location = route.getResource().getLocation();
        return location.substring(location.lastIndexOf('/') + 1).replaceFirst("\\..*", "");
    }

    /** All nested steps of that kind in a route, including those of its configuration, or in a step. */
    static <T> List<T> steps(ProcessorDefinition<?> parent, Class<T> kind) {
        return List.copyOf(ProcessorDefinitionHelper.filterTypeInOutputs(parent.getOutputs(), kind));
    }

    static List<ProcessorDefinition<?>> directSteps(ProcessorDefinition<?> parent) {
        return parent.getOutputs();
    }

    /** The steps that call a class: {@code process}, {@code policy} and {@code bean}. */
    static List<ProcessorDefinition<?>> code(RouteDefinition route) {
        return steps(route, ProcessorDefinition.class).stream()
                .<ProcessorDefinition<?>>map(step -> step)
                .filter(step -> step instanceof ProcessDefinition
                        || step instanceof PolicyDefinition
                        || step instanceof BeanDefinition)
                .toList();
    }

    /** The steps of a route that send to an endpoint. */
    static List<ProcessorDefinition<?>> sends(RouteDefinition route) {
        return steps(route, ProcessorDefinition.class).stream()
                .<ProcessorDefinition<?>>map(step -> step)
                .filter(step -> sendUri(step) != null)
                .toList();
    }

    /** The unresolved URI that a step sends to, or null. */
    static String sendUri(ProcessorDefinition<?> step) {
        return step instanceof EndpointRequiredDefinition to
                ? to.getEndpointUri()
                : step instanceof ToDynamicDefinition dynamic ? dynamic.getUri() : null;
    }

    /** The unresolved URIs of a route's endpoints, its own first. */
    static List<String> uris(RouteDefinition route) {
        return Stream.concat(Stream.of(uri(route)), sends(route).stream().map(RouteModel::sendUri))
                .toList();
    }

    /** All Kafka URIs of all routes. */
    List<String> kafkaUris() {
        return routes().stream()
                .flatMap(route -> uris(route).stream())
                .filter(uri -> uri.startsWith("kafka:"))
                .toList();
    }

    /** Route id → the endpoint that it consumes from, including the component's options. */
    Map<String, KafkaEndpoint> consumers() {
        return routesFrom("kafka").stream().collect(Collectors.toMap(RouteDefinition::getRouteId, route -> context()
                .getEndpoint(uri(route), KafkaEndpoint.class)));
    }

    /** The model as Camel's XML, in which each EIP and language is an element. */
    String xml(RouteDefinition route) {
        try {
            return PluginHelper.getModelToXMLDumper(context()).dumpModelAsXml(context(), route);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        main.stop();
    }
}
