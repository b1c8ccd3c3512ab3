package dev.caravan.live;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;

/** Checks in a scratch context whether route files can run in a program. */
final class RouteFileCheck {

    /**
     * Route files that can run.
     *
     * @param candidate ready to start
     * @param texts of its routes and beans
     */
    record CheckResult(CandidateRoutes candidate, RouteDiff.Texts texts) {}

    private final CamelContext program;

    RouteFileCheck(CamelContext program) {
        this.program = program;
    }

    /**
     * @param files all route files, by name
     * @param changed the names of files whose text has not been checked before
     * @throws InvalidRouteFileException for the first part that cannot run
     */
    CheckResult check(Map<String, RouteFile> files, Collection<String> changed) throws InvalidRouteFileException {
        for (String name : changed) {
            if (files.containsKey(name)) {
                RouteFileSyntax.check(files.get(name));
            }
        }
        RouteDiff.Texts texts = texts(files);
        return new CheckResult(CandidateRoutes.of(program, files), texts);
    }

    /**
     * The texts of the routes and beans. Creating or printing routes changes Camel's model, so the routes to start are
     * loaded separately.
     *
     * @throws InvalidRouteFileException for the first route that cannot be created
     */
    RouteDiff.Texts texts(Map<String, RouteFile> files) throws InvalidRouteFileException {
        try (CandidateRoutes trial = CandidateRoutes.of(program, files)) {
            trial.build();
            return RouteDiff.Texts.of(trial);
        }
    }

    /**
     * Loads the files that can run, without those that depend on others which cannot. The schema of valid files is not
     * checked: reading it takes longer than everything else, and routes that can be created run. Packaged files alone
     * are not checked at all.
     *
     * @param rejected receives each invalid file, with the mistakes that an edit would report
     * @throws IllegalStateException if the mistake is in none of the files
     */
    CandidateRoutes loadValid(Map<String, RouteFile> files, Consumer<InvalidRouteFileException> rejected) {
        Map<String, RouteFile> left = new TreeMap<>(files);
        while (true) {
            try {
                for (RouteFile file : left.values()) {
                    RouteFileSyntax.read(file);
                }
                if (!left.values().stream().allMatch(RouteFileCheck::isShipped)) {
                    texts(left);
                }
                return CandidateRoutes.of(program, left);
            } catch (InvalidRouteFileException e) {
                RouteFile file = left.remove(e.file());
                if (file == null) {
                    throw new IllegalStateException("The routes cannot be loaded: " + e.getMessage(), e);
                }
                rejected.accept(e instanceof MissingSchemaException ? e : bySchema(file, e));
            }
        }
    }

    /** The mistakes against the schema, if any: their lines are more exact than those of Camel's parser. */
    private static InvalidRouteFileException bySchema(RouteFile file, InvalidRouteFileException otherwise) {
        try {
            RouteFileSyntax.check(file);
            return otherwise;
        } catch (InvalidRouteFileException e) {
            return e;
        }
    }

    private static boolean isShipped(RouteFile file) {
        try (InputStream shipped = RouteFileCheck.class.getResourceAsStream("/routes/" + file.name())) {
            return shipped != null
                    && Arrays.equals(shipped.readAllBytes(), file.text().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
    }
}
