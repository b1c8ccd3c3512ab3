package dev.caravan.support;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;

/** Steps that fail with an {@link Error}, as classes do whose jar lacks a dependency. */
public final class Broken {

    private Broken() {}

    /** Its static initializer fails. */
    public static final class Initializer implements Processor {

        private static final int FAILS = Integer.parseInt("no number");

        @Override
        public void process(Exchange exchange) {
            exchange.getMessage().setBody(FAILS);
        }
    }

    /** A class that it needs is missing. */
    public static final class Dependency implements Processor {

        public Dependency() {
            throw new NoClassDefFoundError("com/example/Missing");
        }

        @Override
        public void process(Exchange exchange) {}
    }

    /** Its constructor never ends. */
    public static final class Recursion implements Processor {

        private final Recursion inner;

        public Recursion() {
            inner = new Recursion();
        }

        @Override
        public void process(Exchange exchange) {
            exchange.getMessage().setBody(inner);
        }
    }

    /** It is made, and does not start. */
    public static final class Start extends ServiceSupport implements Processor {

        @Override
        public void process(Exchange exchange) {}

        @Override
        protected void doStart() {
            throw new NoClassDefFoundError("com/example/Missing");
        }
    }
}
