package dev.caravan.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.cases.Case.Request;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.model.ModelCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@code src/test/resources/cases/*.yaml}, and checks that each REST operation has a case. */
@ExtendWith(CaravanExtension.class)
class CasesIT {

    static Stream<Arguments> cases() {
        return Case.arguments("");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void holds(String file, String name, Case each, Program program) {
        CaseRun.run(each, program);
    }

    @Test
    void everyRestOperationHasACase(Program program) {
        Set<String> operations = operations(program);
        Set<String> covered = Case.in("").values().stream()
                .flatMap(List::stream)
                .flatMap(Case::requests)
                .map(request -> operation(operations, request))
                .collect(Collectors.toSet());

        assertThat(operations).isNotEmpty();
        assertThat(covered).containsAll(operations);
    }

    /** {@code GET /order/{id}} and so on, from the model of the running program. */
    private static Set<String> operations(Program program) {
        Set<String> operations = new TreeSet<>();
        ((ModelCamelContext) program.caravan().context()).getRestDefinitions().forEach(rest -> rest.getVerbs()
                .forEach(verb -> operations.add(verb.asVerb().toUpperCase(Locale.ROOT) + " " + rest.getPath()
                        + (verb.getPath() == null ? "" : verb.getPath()))));
        return operations;
    }

    private static String operation(Set<String> operations, Request request) {
        String called = request.method() + " " + request.path().replaceFirst("\\?.*", "");
        return operations.stream()
                .filter(operation -> called.matches(operation.replaceAll("\\{[^/]+}", "[^/]+")))
                .min(Comparator.comparingLong(
                        operation -> operation.chars().filter(c -> c == '{').count()))
                .orElse("");
    }
}
