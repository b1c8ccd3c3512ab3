package dev.caravan.context;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;

/** A bean that Camel gives its context to, and that finds the other beans there. */
public abstract class InContext implements CamelContextAware {

    private CamelContext context;

    /** The one bean of that type. */
    protected final <T> T bean(Class<T> type) {
        return context.getRegistry().findSingleByType(type);
    }

    @Override
    public final void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public final CamelContext getCamelContext() {
        return context;
    }
}
