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

/** The routes as Camel understands them, with their configurations merged in; loaded, never started, and without a broker. */
final class RouteModel implements AutoCloseable {

    static final Path FOLDER = Path.of("src/main/resources/routes");

    private final Main main = new Main();

    /** As the program runs it: a route that REST enters has the REST endpoint for its own. */
    static RouteModel running() {
        return new RouteModel(true);
    }

    /** As the files say it: the same, but each route still has the endpoint and the description that it was given. */
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

    /** What stands in the files: all but the route that Camel adds for the OpenAPI document. */
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

    /** The unresolved URI: placeholders are as written. */
    static String uri(RouteDefinition route) {
        return route.getInput().getEndpointUri();
    }

    /** {@code orders} for {@code file:…/orders.camel.yaml}. */
    static String fileWord(RouteDefinition route) {
        String location = route.getResource().getLocation();
        return location.substring(location.lastIndexOf('/') + 1).replaceFirst("\\..*", "");
    }

    /** The steps of that kind anywhere in a route, the steps of its configuration included, or within a step. */
    static <T> List<T> steps(ProcessorDefinition<?> parent, Class<T> kind) {
        return List.copyOf(ProcessorDefinitionHelper.filterTypeInOutputs(parent.getOutputs(), kind));
    }

    static List<ProcessorDefinition<?>> directSteps(ProcessorDefinition<?> parent) {
        return parent.getOutputs();
    }

    /** The steps of a route behind which is a class: {@code process}, {@code policy} and {@code bean}. */
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

    /** The unresolved URI that a step sends to; null where it does not. */
    static String sendUri(ProcessorDefinition<?> step) {
        return step instanceof EndpointRequiredDefinition to
                ? to.getEndpointUri()
                : step instanceof ToDynamicDefinition dynamic ? dynamic.getUri() : null;
    }

    /** The unresolved URIs of the endpoints that a route names, its own first. */
    static List<String> uris(RouteDefinition route) {
        return Stream.concat(Stream.of(uri(route)), sends(route).stream().map(RouteModel::sendUri))
                .toList();
    }

    /** Every Kafka URI of every route. */
    List<String> kafkaUris() {
        return routes().stream()
                .flatMap(route -> uris(route).stream())
                .filter(uri -> uri.startsWith("kafka:"))
                .toList();
    }

    /** Route id → the endpoint that it consumes from, with the component's options in force. */
    Map<String, KafkaEndpoint> consumers() {
        return routesFrom("kafka").stream().collect(Collectors.toMap(RouteDefinition::getRouteId, route -> context()
                .getEndpoint(uri(route), KafkaEndpoint.class)));
    }

    /** The model in Camel's XML, in which every EIP and every language is an element of its name. */
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
