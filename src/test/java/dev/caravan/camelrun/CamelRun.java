package dev.caravan.camelrun;

/** Starts Camel JBang, whose main class has no {@code main} method. */
final class CamelRun {

    private CamelRun() {}

    public static void main(String[] args) throws Exception {
        Class.forName("org.apache.camel.dsl.jbang.core.commands.CamelJBangMain")
                .getMethod("run", String[].class)
                .invoke(null, (Object) args);
    }
}
