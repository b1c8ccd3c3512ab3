package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.context.Location;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(CaravanExtension.class)
class RouteFileCheckIT {

    @Test
    void checkingAnEditChangesNoPolicyOfTheProgram(Program program) throws Exception {
        CamelContext context = program.caravan().context();
        RouteFolder folder =
                new RouteFolder(context, new Location(program.routes().toString()));
        Map<String, Map<Field, Object>> before = fields(context);
        assertThat(before).containsKeys("once", "transaction", "publishing", "idempotent");

        new RouteFileCheck(context).texts(folder.read().files());

        fields(context)
                .forEach((bean, fields) -> fields.forEach((field, value) -> assertThat(value)
                        .as("%s.%s", bean, field.getName())
                        .isSameAs(before.get(bean).get(field))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.caravan.live.RouteEditsIT#broken")
    void startReportsABrokenFileLikeAnEdit(String mistake, String from, String to, String reason, Program program)
            throws Exception {
        CamelContext context = program.caravan().context();
        RouteFileCheck check = new RouteFileCheck(context);
        Map<String, RouteFile> files = new TreeMap<>(
                new RouteFolder(context, new Location(program.routes().toString()))
                        .read()
                        .files());
        RouteFile good = files.get("orders.camel.yaml");
        files.put(
                good.name(),
                new RouteFile(good.name(), good.location(), good.text().replaceFirst(Pattern.quote(from), to)));
        List<String> atStart = new ArrayList<>();
        List<String> byEdit = new ArrayList<>();

        check.loadValid(files, e -> add(atStart, e)).close();
        try {
            check.check(files, List.of(good.name())).candidate().close();
        } catch (InvalidRouteFileException e) {
            add(byEdit, e);
        }

        assertThat(atStart).isEqualTo(byEdit);
    }

    private static void add(List<String> lines, InvalidRouteFileException mistakes) {
        mistakes.mistakes().forEach(each -> lines.add(each.toString()));
    }

    private static Map<String, Map<Field, Object>> fields(CamelContext context) throws IllegalAccessException {
        Map<String, Map<Field, Object>> all = new TreeMap<>();
        for (var bean : context.getRegistry().findByTypeWithName(Policy.class).entrySet()) {
            Map<Field, Object> fields = new HashMap<>();
            Class<?> type = bean.getValue().getClass();
            while (type.getName().startsWith("dev.caravan.")) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !field.getType().isPrimitive()) {
                        field.setAccessible(true);
                        fields.put(field, field.get(bean.getValue()));
                    }
                }
                type = type.getSuperclass();
            }
            all.put(bean.getKey(), fields);
        }
        return all;
    }
}
