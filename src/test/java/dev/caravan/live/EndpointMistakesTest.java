package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.Test;

class EndpointMistakesTest {

    /** A step of a route. */
    private interface Step {
        void addTo(RouteDefinition route);
    }

    private static String reason(Step step) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start();
            return EndpointMistakes.of(catchThrowable(() -> context.addRoutes(new RouteBuilder() {
                        @Override
                        public void configure() {
                            step.addTo(from("direct:start"));
                        }
                    })))
                    .reason();
        }
    }

    @Test
    void missingComponentNamesTheAddCommand() throws Exception {
        assertThat(reason(route -> route.to("smtps:mail.example.org?to=a@example.org")))
                .isEqualTo(
                        "the component smtps is missing; add it with: bin/caravan add camel-mail, then restart Caravan");
    }

    @Test
    void misspeltComponentNamesTheSimilarOne() throws Exception {
        assertThat(reason(route -> route.to("kafak:orders")))
                .isEqualTo("there is no component kafak in Camel 4.18.0; did you mean kafka?");
    }

    @Test
    void missingDataFormatNamesTheAddCommand() throws Exception {
        assertThat(reason(route -> route.marshal().csv()))
                .isEqualTo(
                        "the data format csv is missing; add it with: bin/caravan add camel-csv, then restart Caravan");
    }

    @Test
    void missingLanguageNamesTheAddCommand() throws Exception {
        assertThat(reason(route -> route.setBody().language("groovy", "1")))
                .isEqualTo(
                        "the language groovy is missing; add it with: bin/caravan add camel-groovy, then restart Caravan");
    }

    @Test
    void mistakesInOptionsOfAMissingComponentAreReported() throws Exception {
        assertThat(reason(route -> route.to("smtps:mail.example.org?subjct=a&connectionTimeout=soon")))
                .startsWith("the component smtps is missing; add it with: bin/caravan add camel-mail")
                .contains("; smtps has no option subjct; did you mean subject?")
                .contains("; the option connectionTimeout of smtps must be a whole number, not 'soon'");
    }

    @Test
    void misspeltOptionNamesTheSimilarOne() throws Exception {
        assertThat(reason(route -> route.to("log:a?showBdy=false")))
                .isEqualTo("log has no option showBdy; did you mean showBody?");
    }

    @Test
    void valueOfTheWrongTypeNamesTheExpectedOne() throws Exception {
        assertThat(reason(route -> route.to("log:a?showBody=perhaps")))
                .isEqualTo("the option showBody of log must be true or false, not 'perhaps'");
        assertThat(reason(route -> route.to("log:a?level=LOUD")))
                .startsWith("the option level of log must be one of TRACE, DEBUG")
                .endsWith("not 'LOUD'");
        assertThat(reason(route -> route.to("log:a?maxChars=many")))
                .isEqualTo("the option maxChars of log must be a whole number, not 'many'");
    }

    @Test
    void missingRequiredOptionIsReported() throws Exception {
        assertThat(reason(route -> route.to("cron:tab")))
                .startsWith("the component cron is missing")
                .endsWith("; cron requires the option schedule");
    }

    @Test
    void otherReasonsStayUnchanged() throws Exception {
        assertThat(reason(route -> route.process("no-such-bean"))).contains("no-such-bean");
    }
}
