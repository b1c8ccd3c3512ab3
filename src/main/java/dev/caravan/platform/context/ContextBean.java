package dev.caravan.platform.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/** A bean that looks up other beans in its Camel context. */
public abstract class ContextBean implements CamelContextAware {

    private final Map<Class<?>, Object> beans = new ConcurrentHashMap<>();
    private CamelContext context;

    /** The only bean of that type. Searches the registry once. */
    protected final <T> T bean(Class<T> type) {
        // Called for each message: get, because computeIfAbsent may lock even if the entry exists.
        Object known = beans.get(type);
        return type.cast(
                known != null
                        ? known
                        : beans.computeIfAbsent(
                                type, any -> context.getRegistry().findSingleByType(any)));
    }

    /** Keeps the first context: the check of an edit uses the bean in a second context. */
    @Override
    public final void setCamelContext(CamelContext context) {
        if (this.context == null) {
            this.context = context;
        }
    }

    @Override
    public final CamelContext getCamelContext() {
        return context;
    }
}
