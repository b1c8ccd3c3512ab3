package dev.caravan.live;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.spi.BeanRepository;

/** The beans of the running program, without those of its route files. The candidate files create their own. */
final class ParentRegistry implements BeanRepository {

    private final CamelContext program;
    private final Set<String> hidden;

    ParentRegistry(CamelContext program) {
        this.program = program;
        hidden = program.getCamelContextExtension().getContextPlugin(Model.class).getCustomBeans().stream()
                .map(BeanFactoryDefinition::getName)
                .collect(Collectors.toSet());
    }

    @Override
    public Object lookupByName(String name) {
        return hidden.contains(name) ? null : program.getRegistry().lookupByName(name);
    }

    @Override
    public <T> T lookupByNameAndType(String name, Class<T> type) {
        return hidden.contains(name) ? null : program.getRegistry().lookupByNameAndType(name, type);
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
        Map<String, T> found = new LinkedHashMap<>(program.getRegistry().findByTypeWithName(type));
        found.keySet().removeAll(hidden);
        return found;
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
        return new LinkedHashSet<>(findByTypeWithName(type).values());
    }
}
