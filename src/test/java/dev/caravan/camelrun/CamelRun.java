package dev.caravan.camelrun;

/** What the launcher {@code camel} of Camel JBang does; its main class has no main method that Java starts. */
final class CamelRun {

    private CamelRun() {}

    public static void main(String[] args) throws Exception {
        Class.forName("org.apache.camel.dsl.jbang.core.commands.CamelJBangMain")
                .getMethod("run", String[].class)
                .invoke(null, (Object) args);
    }
}
