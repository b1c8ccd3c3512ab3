package dev.caravan.platform.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/** A bean that Camel gives its context to, and that finds the other beans there. */
public abstract class ContextBean implements CamelContextAware {

    private final Map<Class<?>, Object> beans = new ConcurrentHashMap<>();
    private CamelContext context;

    /** The one bean of that type. The registry is searched for it once. */
    protected final <T> T bean(Class<T> type) {
        // Asked for each message; computeIfAbsent may lock what is there already.
        Object known = beans.get(type);
        return type.cast(
                known != null
                        ? known
                        : beans.computeIfAbsent(
                                type, any -> context.getRegistry().findSingleByType(any)));
    }

    /** The first one counts: another context that borrows the bean, to check a route with it, does not take it over. */
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
