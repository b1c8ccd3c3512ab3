package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.live.RouteDiff.Texts;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteDiffTest {

    private static final Texts NOW = new Texts(
            Map.of("a", "from a, ref=\"edge\"", "b", "from b, ref=\"other\"", "c", "from c, ref=\"edge-2\""),
            Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=c"));

    @Test
    void equalRoutesAreNotTouched() {
        assertThat(RouteDiff.between(NOW, NOW)).isEqualTo(new RouteDiff(Set.of(), Set.of(), Set.of()));
    }

    @Test
    void aChangedRouteIsReplaced() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW,
                routes(Map.of(
                        "a",
                        "from a, otherwise",
                        "b",
                        NOW.routes().get("b"),
                        "c",
                        NOW.routes().get("c"))));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("a"), Set.of("a"), Set.of()));
    }

    @Test
    void aRemovedRouteStopsAndANewOneStarts() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW, routes(Map.of("b", NOW.routes().get("b"), "c", NOW.routes().get("c"), "d", "from d")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("a"), Set.of("d"), Set.of()));
    }

    @Test
    void aChangedBeanTouchesItsDirectAndIndirectUsers() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW,
                new Texts(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=z", "other", "Other #edge", "edge-2", "Edge topic=c")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("a", "b"), Set.of("a", "b"), Set.of("edge", "other")));
    }

    @Test
    void beanNamesMatchWholeWordsOnly() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW,
                new Texts(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=z")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("c"), Set.of("c"), Set.of("edge-2")));
    }

    private static Texts routes(Map<String, String> routes) {
        return new Texts(routes, NOW.beans());
    }
}
