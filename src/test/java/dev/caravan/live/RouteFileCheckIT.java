package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.context.Location;
import dev.caravan.support.Running;
import dev.caravan.support.Running.Program;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Running.class)
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
