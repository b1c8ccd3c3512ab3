package dev.caravan.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.live.RouteDiff.Prints;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteDiffTest {

    private static final Prints NOW = new Prints(
            Map.of("a", "from a, ref=\"edge\"", "b", "from b, ref=\"other\"", "c", "from c, ref=\"edge-2\""),
            Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=c"));

    @Test
    void whatIsTheSameIsNotTouched() {
        assertThat(RouteDiff.between(NOW, NOW)).isEqualTo(new RouteDiff(Set.of(), Set.of(), Set.of()));
    }

    @Test
    void aRouteThatDiffersIsReplaced() {
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
    void aRouteThatIsGoneEndsAndANewOneBegins() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW, routes(Map.of("b", NOW.routes().get("b"), "c", NOW.routes().get("c"), "d", "from d")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("a"), Set.of("d"), Set.of()));
    }

    @Test
    void aBeanThatDiffersTouchesWhatNamesItAndWhatNamesABeanThatDoes() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW,
                new Prints(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=z", "other", "Other #edge", "edge-2", "Edge topic=c")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("a", "b"), Set.of("a", "b"), Set.of("edge", "other")));
    }

    @Test
    void aBeanIsNamedAsAWordAndNotAsAPartOfOne() {
        RouteDiff routeDiff = RouteDiff.between(
                NOW,
                new Prints(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=z")));

        assertThat(routeDiff).isEqualTo(new RouteDiff(Set.of("c"), Set.of("c"), Set.of("edge-2")));
    }

    private static Prints routes(Map<String, String> routes) {
        return new Prints(routes, NOW.beans());
    }
}
