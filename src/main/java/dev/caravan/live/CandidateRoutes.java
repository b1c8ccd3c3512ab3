package dev.caravan.live;

import dev.caravan.platform.edge.SchemaComponent;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.platform.topics.Consumers;
import dev.caravan.platform.topics.Topics;
import dev.caravan.platform.topics.TopicsFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NamedNode;
import org.apache.camel.Predicate;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.VerbDefinition;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PatternHelper;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;
import org.apache.camel.util.function.ThrowingRunnable;
import org.apache.camel.xml.io.XmlPullParserLocationException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Route files as Camel's model, with route configurations and REST operations merged into the routes. A scratch context
 * loads them. It never starts, sees the beans and properties of the running program, and does not change the program.
 */
final class CandidateRoutes implements AutoCloseable {

    private static final Pattern BEAN = Pattern.compile("Error creating bean: (\\S+).*");

    private final DefaultCamelContext context;
    private final Model model;
    private final Topics topics;
    private final Map<String, RouteFile> files;

    private CandidateRoutes(CamelContext program, Map<String, RouteFile> files) {
        this.files = new TreeMap<>(files);
        context = new DefaultCamelContext(new DefaultRegistry(new ParentRegistry(program)));
        context.getCamelContextExtension().setName(program.getName() + "-candidate");
        context.disableJMX();
        context.setLoadTypeConverters(false);
        context.setSourceLocationEnabled(true);
        context.setRestConfiguration(program.getRestConfiguration());
        PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
        properties.setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
        properties.addPropertiesSource(new PropertiesSource() {
            @Override
            public String getName() {
                return "program";
            }

            @Override
            public String getProperty(String name) {
                return program.getPropertiesComponent().resolveProperty(name).orElse(null);
            }
        });
        topics = program.getRegistry().findSingleByType(Topics.class);
        properties.addPropertiesFunction(new PropertiesFunction() {
            @Override
            public String getName() {
                return "topics";
            }

            @Override
            public String apply(String suffix) {
                return TopicsFunction.join(topics.consumersOf(CandidateRoutes.this.topics()), suffix);
            }
        });
        context.init();
        model = context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /**
     * @param files by name
     * @throws InvalidRouteFileException for the first file that cannot be parsed as routes, or whose ids or addresses
     *     are already used
     */
    static CandidateRoutes of(CamelContext program, Map<String, RouteFile> files) throws InvalidRouteFileException {
        CandidateRoutes candidate = new CandidateRoutes(program, files);
        try {
            candidate.load();
        } catch (InvalidRouteFileException | RuntimeException | Error e) {
            candidate.close();
            throw e;
        }
        return candidate;
    }

    private void load() throws InvalidRouteFileException {
        Map<RoutesBuilder, RouteFile> builders = new LinkedHashMap<>();
        for (RouteFile file : files.values()) {
            Resource resource = ResourceHelper.fromString(file.location(), file.text());
            attribute(file, () -> PluginHelper.getRoutesLoader(context)
                    .findRoutesBuilders(List.of(resource))
                    .forEach(builder -> builders.put(builder, file)));
        }
        for (Map.Entry<RoutesBuilder, RouteFile> each : builders.entrySet()) {
            if (each.getKey() instanceof RouteConfigurationsBuilder configurations) {
                attribute(each.getValue(), () -> configurations.addRouteConfigurationsToCamelContext(context));
            }
        }
        List<RouteDefinition> written = new ArrayList<>();
        for (Map.Entry<RoutesBuilder, RouteFile> each : builders.entrySet()) {
            RouteBuilder builder = (RouteBuilder) each.getKey();
            attribute(each.getValue(), () -> builder.prepareModel(context));
            // Camel adds the OpenAPI route to each file until the context has it.
            builder.getRouteCollection().getRoutes().stream()
                    .filter(route -> !isOpenApi(route) || written.stream().noneMatch(CandidateRoutes::isOpenApi))
                    .filter(this::isIncluded)
                    .forEach(written::add);
        }
        List<InvalidRouteFileException> mistakes = new ArrayList<>(sharedRoutes(builders));
        mistakes.addAll(duplicates(written, "id", route -> Optional.ofNullable(route.getRouteId())));
        mistakes.addAll(duplicates(written, "address", CandidateRoutes::exclusiveAddress));
        throwIfAny(mistakes);
        Map<String, String> descriptions = new HashMap<>();
        written.stream()
                .filter(route -> route.getDescriptionText() != null)
                .forEach(route -> descriptions.put(route.getRouteId(), route.getDescriptionText()));
        attribute(null, () -> model.addRouteDefinitions(written));
        for (Map.Entry<RoutesBuilder, RouteFile> each : builders.entrySet()) {
            attribute(each.getValue(), () -> each.getKey().addTemplatedRoutesToCamelContext(context));
        }
        mistakes.addAll(missingSchemas());
        for (RouteDefinition route : routes()) {
            if (!route.hasCustomIdAssigned() && uri(route).startsWith("rest:")) {
                // An operation that calls an endpoint without a route of ours.
                route.setId(address(uri(route)).replaceAll("\\W+", "-"));
            }
            if (!route.hasCustomIdAssigned() && file(route) != null) {
                mistakes.add(invalid(route, "the route has no id"));
            }
            // Camel ignores a missing configuration and would run the route without its policy.
            for (String policy : named(route)) {
                if (configurations().stream().noneMatch(each -> PatternHelper.matchPattern(each.getId(), policy))) {
                    mistakes.add(invalid(route, "there is no routeConfiguration " + policy));
                }
            }
            if (route.isInlined()) {
                // Camel drops the description when it merges an operation with its route.
                route.setDescription(descriptions.get(route.getRouteId()));
            }
        }
        if (!mistakes.isEmpty()) {
            mistakes.addAll(unbuildable());
        }
        throwIfAny(mistakes);
        new ConsumerRoutes(this, topics).check();
    }

    /** Whether the precondition holds. Camel checks it only at the start, but the topics of the route are needed now. */
    private boolean isIncluded(RouteDefinition route) {
        if (route.getPrecondition() == null) {
            return true;
        }
        Predicate precondition = context.resolveLanguage("simple")
                .createPredicate(context.resolvePropertyPlaceholders(route.getPrecondition()));
        precondition.init(context);
        return precondition.matches(new DefaultExchange(context));
    }

    /** Camel merges an operation and the route that it calls, so a second operation needs a route of its own. */
    private static List<InvalidRouteFileException> sharedRoutes(Map<RoutesBuilder, RouteFile> builders) {
        List<InvalidRouteFileException> mistakes = new ArrayList<>();
        Map<String, VerbDefinition> seen = new HashMap<>();
        for (Map.Entry<RoutesBuilder, RouteFile> each : builders.entrySet()) {
            for (RestDefinition rest :
                    ((RouteBuilder) each.getKey()).getRestCollection().getRests()) {
                for (VerbDefinition operation : rest.getVerbs()) {
                    String uri =
                            operation.getTo() == null ? "" : operation.getTo().getUri();
                    VerbDefinition other = uri.startsWith("direct:") ? seen.putIfAbsent(uri, operation) : null;
                    if (other != null) {
                        mistakes.add(new InvalidRouteFileException(
                                each.getValue(),
                                operation.getLineNumber(),
                                "the operation " + operation.getId() + " leads to " + uri + ", and so does "
                                        + other.getId()
                                        + "; each operation needs a route of its own, which may call a common one"));
                    }
                }
            }
        }
        return mistakes;
    }

    private List<MissingSchemaException> missingSchemas() {
        Schemas schemas = context.getRegistry().findSingleByType(Schemas.class);
        List<MissingSchemaException> missing = new ArrayList<>();
        for (RouteDefinition route : routes()) {
            RouteFile file = file(route);
            for (ToDefinition step :
                    ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
                String schema = address(step.getUri());
                try {
                    if (schema.startsWith(SchemaComponent.SCHEME) && !schema.equals(SchemaComponent.SCHEME)) {
                        schemas.require(schema.substring(SchemaComponent.SCHEME.length()));
                    }
                } catch (IllegalArgumentException e) {
                    missing.add(new MissingSchemaException(file, file == null ? 0 : file.line(schema), e.getMessage()));
                }
            }
        }
        return missing;
    }

    /** An exception with the position of the route's {@code from}. */
    InvalidRouteFileException invalid(RouteDefinition route, String reason) {
        RouteFile file = file(route);
        return new InvalidRouteFileException(file, file == null ? 0 : line(route), reason);
    }

    private List<InvalidRouteFileException> duplicates(
            List<RouteDefinition> written, String what, Function<RouteDefinition, Optional<String>> property) {
        List<InvalidRouteFileException> mistakes = new ArrayList<>();
        Map<String, RouteDefinition> seen = new HashMap<>();
        for (RouteDefinition route : written) {
            Optional<String> value = property.apply(route);
            RouteDefinition first =
                    value.map(each -> seen.putIfAbsent(each, route)).orElse(null);
            if (first != null) {
                mistakes.add(invalid(
                        route,
                        "the " + what + " " + value.get() + " is already used by a route of "
                                + (file(first) == null
                                        ? "the program"
                                        : file(first).name())));
            }
        }
        return mistakes;
    }

    /** The URI that the route consumes from, as written. */
    static String uri(RouteDefinition route) {
        return route.getInput().getEndpointUri();
    }

    /** The URIs of the route's steps, as written; without those that depend on the message. */
    static List<String> uris(RouteDefinition route) {
        return ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), EndpointRequiredDefinition.class)
                .stream()
                .map(EndpointRequiredDefinition::getEndpointUri)
                .toList();
    }

    /** The steps {@code to} and {@code toD}. */
    static Stream<ProcessorDefinition<?>> sendSteps(RouteDefinition route) {
        return Stream.concat(
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class).stream(),
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDynamicDefinition.class).stream());
    }

    /** The URI of a step {@code to} or {@code toD}, as written. */
    static String uri(ProcessorDefinition<?> step) {
        return step instanceof ToDynamicDefinition dynamic ? dynamic.getUri() : ((ToDefinition) step).getUri();
    }

    /** The URI without its options. */
    static String address(String uri) {
        return uri.replaceFirst("\\?.*", "");
    }

    /** The address, if only one route may consume from it. */
    private static Optional<String> exclusiveAddress(RouteDefinition route) {
        return Optional.of(address(uri(route)))
                .filter(address -> address.matches("(rest|direct|platform-http|sse):.*"));
    }

    /** Runs a step of loading, and attributes its failure to the file. */
    private static void attribute(RouteFile file, ThrowingRunnable<Exception> loading)
            throws InvalidRouteFileException {
        try {
            loading.run();
        } catch (Throwable e) {
            throw rejected(file, e);
        }
    }

    private static InvalidRouteFileException rejected(RouteFile file, Throwable e) {
        Matcher bean = BEAN.matcher(InvalidRouteFileException.reason(e));
        if (file != null && bean.find()) {
            return new InvalidRouteFileException(file, file.line("name: " + bean.group(1)), bean.group());
        }
        XmlPullParserLocationException xml = ObjectHelper.getException(XmlPullParserLocationException.class, e);
        if (file != null && xml != null) {
            return new InvalidRouteFileException(
                    file.name(),
                    xml.getLineNumber(),
                    xml.getColumnNumber(),
                    xml.getMessage()
                            .replaceFirst("(?s)\\s+in \\S+, line.*", "")
                            .replace("{http://camel.apache.org/schema/xml-io}", ""));
        }
        MarkedYamlEngineException marked = ObjectHelper.getException(MarkedYamlEngineException.class, e);
        return marked != null && marked.getProblemMark().isPresent()
                ? RouteFileSyntax.at(file, marked.getProblemMark(), marked.getProblem())
                : new InvalidRouteFileException(file, 0, InvalidRouteFileException.reason(e));
    }

    /**
     * Creates every route without starting it, to find missing components, options, properties and beans.
     *
     * @throws InvalidRouteFileException for the steps that cannot be created
     */
    void build() throws InvalidRouteFileException {
        throwIfAny(unbuildable());
    }

    private List<InvalidRouteFileException> unbuildable() {
        List<InvalidRouteFileException> mistakes = new ArrayList<>();
        for (RouteDefinition route : List.copyOf(routes())) {
            try {
                context.startRouteDefinitions(List.of(route));
            } catch (Throwable e) {
                StepError.of(context, route, e).forEach(step -> mistakes.add(mistake(route, step)));
            }
        }
        return mistakes;
    }

    private InvalidRouteFileException mistake(RouteDefinition route, StepError step) {
        RouteFile file = step.file().map(this::fileAt).orElse(file(route));
        EndpointMistakes mistakes = EndpointMistakes.of(step.failure());
        int line = file == null ? 0 : file.line(step.line(), step.key());
        return new InvalidRouteFileException(
                file,
                mistakes.option()
                        .filter(option -> file != null)
                        .map(option -> file.lineWithin(line, option))
                        .orElse(line),
                mistakes.reason());
    }

    private static void throwIfAny(List<InvalidRouteFileException> mistakes) throws InvalidRouteFileException {
        if (!mistakes.isEmpty()) {
            throw InvalidRouteFileException.of(mistakes);
        }
    }

    /** The topics that the routes consume, and the consumers. */
    Consumers.Routes topics() {
        return new ConsumerRoutes(this, topics).topics();
    }

    List<RouteDefinition> routes() {
        return model.getRouteDefinitions();
    }

    Optional<RouteDefinition> route(String id) {
        return routes().stream().filter(route -> route.getRouteId().equals(id)).findFirst();
    }

    Set<String> ids() {
        return routes().stream().map(RouteDefinition::getRouteId).collect(Collectors.toSet());
    }

    List<RestDefinition> rests() {
        return model.getRestDefinitions();
    }

    List<RouteConfigurationDefinition> configurations() {
        return model.getRouteConfigurationDefinitions();
    }

    List<RouteTemplateDefinition> templates() {
        return model.getRouteTemplateDefinitions();
    }

    List<BeanFactoryDefinition<?>> beans() {
        return model.getCustomBeans();
    }

    Map<String, RouteFile> files() {
        return files;
    }

    /** The file of a route; null for the OpenAPI route, which Camel adds. */
    RouteFile file(RouteDefinition route) {
        return isOpenApi(route) || route.getResource() == null
                ? null
                : fileAt(route.getResource().getLocation());
    }

    static boolean isOpenApi(RouteDefinition route) {
        return uri(route).startsWith("rest-api:");
    }

    private RouteFile fileAt(String location) {
        return files.values().stream()
                .filter(file -> file.location().equals(location))
                .findFirst()
                .orElse(null);
    }

    /** The endpoint, if it can be created from this URI. */
    Optional<Endpoint> endpoint(String uri) {
        try {
            return Optional.ofNullable(context.getEndpoint(uri));
        } catch (RuntimeException e) {
            // It is invalid, which is reported elsewhere, or its placeholders are known only at run time.
            return Optional.empty();
        }
    }

    /** Whether the program has a component for the scheme. */
    boolean hasComponent(String scheme) {
        return context.getComponent(scheme, true, false) != null;
    }

    /** The line of a step; for a step of a route configuration, the line of the route. */
    int line(RouteDefinition route, ProcessorDefinition<?> step) {
        RouteFile file = file(route);
        return step.getLineNumber() > 0 && file.location().equals(step.getLocation())
                ? file.line(step.getLineNumber(), step.getShortName())
                : line(route);
    }

    /** The line of the route's {@code from}. */
    int line(RouteDefinition route) {
        return file(route).line(Math.max(route.getInput().getLineNumber(), 0), "from");
    }

    /** The ids of the route configurations that apply to the route. */
    static Set<String> policies(RouteDefinition route) {
        // A route that REST calls got its configurations before the merge.
        return Objects.requireNonNullElse(route.getAppliedRouteConfigurationIds(), named(route));
    }

    private static Set<String> named(RouteDefinition route) {
        String ids = route.getRouteConfigurationId();
        return ids == null ? Set.of() : Set.of(ids.split("\\s*,\\s*"));
    }

    /** The URI that the route consumes from, with placeholders resolved where they are known. */
    String source(RouteDefinition route) {
        return resolved(route, uri(route));
    }

    /** The URI with placeholders resolved where they are known. */
    String resolved(RouteDefinition route, String uri) {
        try {
            return resolve(route, uri);
        } catch (IllegalArgumentException e) {
            return uri;
        }
    }

    /** @throws IllegalArgumentException if a placeholder cannot be resolved */
    String resolve(RouteDefinition route, String text) {
        if (route.getTemplateParameters() == null) {
            // Called within the resolution of another route's text, whose local properties must stay.
            return context.resolvePropertyPlaceholders(text);
        }
        Properties parameters = new Properties();
        parameters.putAll(route.getTemplateParameters());
        context.getPropertiesComponent().setLocalProperties(parameters);
        try {
            return context.resolvePropertyPlaceholders(text);
        } finally {
            context.getPropertiesComponent().setLocalProperties(null);
        }
    }

    /** The model as Camel's XML, without the parts that depend on line numbers. */
    String xml(NamedNode node) {
        try {
            return PluginHelper.getModelToXMLDumper(context).dumpModelAsXml(context, node, false, false, false);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    String xml(BeanFactoryDefinition<?> bean) {
        try {
            return PluginHelper.getModelToXMLDumper(context).dumpBeansAsXml(context, List.of(bean));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            context.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
