package dev.caravan.support;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;

/** Processors that fail with an {@link Error}, like classes with a missing dependency. */
public final class BrokenProcessors {

    private BrokenProcessors() {}

    /** The static initializer fails. */
    public static final class Initializer implements Processor {

        private static final int FAILS = Integer.parseInt("no number");

        @Override
        public void process(Exchange exchange) {
            exchange.getMessage().setBody(FAILS);
        }
    }

    /** A required class is missing. */
    public static final class Dependency implements Processor {

        public Dependency() {
            throw new NoClassDefFoundError("com/example/Missing");
        }

        @Override
        public void process(Exchange exchange) {}
    }

    /** The constructor overflows the stack. */
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

    /** The constructor succeeds, but the start fails. */
    public static final class Start extends ServiceSupport implements Processor {

        @Override
        public void process(Exchange exchange) {}

        @Override
        protected void doStart() {
            throw new NoClassDefFoundError("com/example/Missing");
        }
    }
}
