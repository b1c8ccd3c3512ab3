package dev.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.routes.Change.Prints;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeTest {

    private static final Prints NOW = new Prints(
            Map.of("a", "from a, ref=\"edge\"", "b", "from b, ref=\"other\"", "c", "from c, ref=\"edge-2\""),
            Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=c"));

    @Test
    void whatIsTheSameIsNotTouched() {
        assertThat(Change.between(NOW, NOW)).isEqualTo(new Change(Set.of(), Set.of(), Set.of()));
    }

    @Test
    void aRouteThatDiffersIsReplaced() {
        Change change = Change.between(
                NOW,
                routes(Map.of(
                        "a",
                        "from a, otherwise",
                        "b",
                        NOW.routes().get("b"),
                        "c",
                        NOW.routes().get("c"))));

        assertThat(change).isEqualTo(new Change(Set.of("a"), Set.of("a"), Set.of()));
    }

    @Test
    void aRouteThatIsGoneEndsAndANewOneBegins() {
        Change change = Change.between(
                NOW, routes(Map.of("b", NOW.routes().get("b"), "c", NOW.routes().get("c"), "d", "from d")));

        assertThat(change).isEqualTo(new Change(Set.of("a"), Set.of("d"), Set.of()));
    }

    @Test
    void aBeanThatDiffersTouchesWhatNamesItAndWhatNamesABeanThatDoes() {
        Change change = Change.between(
                NOW,
                new Prints(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=z", "other", "Other #edge", "edge-2", "Edge topic=c")));

        assertThat(change).isEqualTo(new Change(Set.of("a", "b"), Set.of("a", "b"), Set.of("edge", "other")));
    }

    @Test
    void aBeanIsNamedAsAWordAndNotAsAPartOfOne() {
        Change change = Change.between(
                NOW,
                new Prints(
                        NOW.routes(),
                        Map.of("edge", "Edge topic=a", "other", "Other #edge", "edge-2", "Edge topic=z")));

        assertThat(change).isEqualTo(new Change(Set.of("c"), Set.of("c"), Set.of("edge-2")));
    }

    private static Prints routes(Map<String, String> routes) {
        return new Prints(routes, NOW.beans());
    }
}
