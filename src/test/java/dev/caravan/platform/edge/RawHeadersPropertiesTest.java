package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RawHeadersPropertiesTest {

    @Provide
    static Arbitrary<List<Header>> headers() {
        Arbitrary<String> names = Arbitraries.oneOf(
                Arbitraries.of("a", "A", "traceparent"),
                Arbitraries.strings()
                        .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)));
        Arbitrary<byte[]> values = Arbitraries.oneOf(
                        Arbitraries.bytes().array(byte[].class),
                        Arbitraries.strings().map(text -> text.getBytes(StandardCharsets.UTF_8)))
                .injectNull(0.1);
        return Combinators.combine(names, values)
                .as((name, value) -> (Header) new RecordHeader(name, value))
                .list()
                .ofMaxSize(10);
    }

    @Property
    void writtenHeadersAreReadUnchanged(@ForAll("headers") List<Header> headers) {
        assertThat(RawHeaders.read(RawHeaders.json(new RecordHeaders(headers))).toArray())
                .containsExactlyElementsOf(headers);
    }

    @Property
    void restoresHeadersOfTheRecord(@ForAll("headers") List<Header> headers) {
        RecordHeaders made = new RecordHeaders();
        made.add("a", new byte[] {1});
        made.add(RawHeaders.NAME, RawHeaders.json(new RecordHeaders(headers)));

        RawHeaders.restore(made);

        assertThat(made.toArray()).containsExactlyElementsOf(headers);
    }

    @Test
    void readsTheFormatOfEarlierVersions() {
        assertThat(RawHeaders.read("{\"x-own\":\"kept\"}".getBytes(StandardCharsets.UTF_8))
                        .toArray())
                .containsExactly(new RecordHeader("x-own", "kept".getBytes(StandardCharsets.UTF_8)));
    }
}
