package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.camel.spi.HeaderFilterStrategy;

class HeaderPropertiesTest {

    private final List<HeaderFilterStrategy> policies = List.of(new HttpHeaderPolicy(), new RecordHeaderPolicy());

    /** The prefixes of Camel's headers, each letter in either case or as a look-alike. */
    @Provide
    static Arbitrary<String> camelHeaders() {
        Arbitrary<String> prefixes = Arbitraries.of(RecordHeaderPolicy.CAMEL_PREFIXES)
                .flatMap(prefix -> Combinators.combine(prefix.chars()
                                .mapToObj(letter -> spelled((char) letter))
                                .toList())
                        .as(letters -> String.join("", letters)));
        return Combinators.combine(prefixes, Arbitraries.strings().ofMaxLength(20))
                .as(String::concat);
    }

    private static Arbitrary<String> spelled(char letter) {
        String lower = String.valueOf(letter);
        return letter == 'k'
                ? Arbitraries.of(lower, "K", "\u212a")
                : Arbitraries.of(lower, lower.toUpperCase(Locale.ROOT));
    }

    @Property
    void rejectsCamelHeadersInAnySpelling(@ForAll("camelHeaders") String name) {
        assertThat(policies).allSatisfy(policy -> {
            assertThat(policy.applyFilterToExternalHeaders(name, "x", null)).isTrue();
            assertThat(policy.applyFilterToCamelHeaders(name, "x", null)).isTrue();
        });
        assertThat(ReservedHeaders.isReserved(name)).isTrue();
    }

    @Property
    void incomingHeadersAreNotCamelHeaders(@ForAll String name) {
        assertThat(policies)
                .filteredOn(policy -> !policy.applyFilterToExternalHeaders(name, "x", null))
                .allSatisfy(policy ->
                        assertThat(ReservedHeaders.isCamelHeader(name)).isFalse());
    }
}
