package dev.caravan.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DescribedTest {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private final CamelContext camels = context("camels");
    private final CamelContext ours = context("ours");

    /** It has attributes of its own besides those of any step. */
    @ManagedResource(description = "A step that describes itself")
    public static final class Step extends ServiceSupport implements Processor {

        @ManagedAttribute(description = "What only this step has")
        public int getOwn() {
            return 7;
        }

        @Override
        public void process(Exchange exchange) {}
    }

    @BeforeEach
    void start() throws Exception {
        Described.attachTo(ours);
        for (CamelContext context : new CamelContext[] {camels, ours}) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("seda:first?size=11")
                            .routeId("first")
                            .process(new Step())
                            .id("step");
                    from("seda:second")
                            .routeId("second")
                            .to("log:second?level=DEBUG&marker=a")
                            .id("log");
                }
            });
            context.start();
        }
    }

    @AfterEach
    void stop() {
        camels.stop();
        ours.stop();
    }

    @Test
    void describesEachObjectAsCamelDoesIt() throws Exception {
        Map<String, MBeanInfo> theirs = infos("camels");

        assertThat(theirs).hasSizeGreaterThan(20);
        Map<String, MBeanInfo> same = infos("ours");
        assertThat(same).containsOnlyKeys(theirs.keySet());
        theirs.forEach((name, info) -> {
            assertThat(same.get(name).getClassName()).as(name).isEqualTo(info.getClassName());
            assertThat(same.get(name).getDescription()).as(name).isEqualTo(info.getDescription());
            assertThat(same.get(name).getAttributes()).as(name).containsExactlyInAnyOrder(info.getAttributes());
            assertThat(same.get(name).getOperations()).as(name).containsExactlyInAnyOrder(info.getOperations());
            assertThat(same.get(name).getNotifications()).as(name).containsExactlyInAnyOrder(info.getNotifications());
        });
    }

    @Test
    void objectsOfOneClassAnswerForThemselves() throws Exception {
        assertThat(attribute("type=routes,name=\"first\"", "RouteId")).isEqualTo("first");
        assertThat(attribute("type=routes,name=\"second\"", "RouteId")).isEqualTo("second");
        assertThat(attribute("type=endpoints,name=\"seda://first\\?size=11\"", "Size"))
                .isEqualTo(11);
        assertThat(attribute("type=processors,name=\"step\"", "Own")).isEqualTo(7);
        assertThat(attribute("type=processors,name=\"step\"", "ProcessorId")).isEqualTo("step");
    }

    private static Object attribute(String name, String attribute) throws Exception {
        return SERVER.getAttribute(new ObjectName("org.apache.camel:context=ours," + name), attribute);
    }

    /** By their names without that of the context, and without the identities of objects. */
    private static Map<String, MBeanInfo> infos(String context) throws Exception {
        Map<String, MBeanInfo> infos = new TreeMap<>();
        for (ObjectName name : SERVER.queryNames(new ObjectName("org.apache.camel:context=" + context + ",*"), null)) {
            String key = name.getCanonicalName().replace(context, "").replaceAll("0x[0-9a-f]+", "");
            infos.put(key, SERVER.getMBeanInfo(name));
        }
        return infos;
    }

    private static CamelContext context(String name) {
        DefaultCamelContext context = new DefaultCamelContext(false);
        context.getCamelContextExtension().setName(name);
        return context;
    }
}
