package dev.caravan.platform.edge;

import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * Filters headers between Kafka and Camel: drops names that Camel interprets, in both directions and ignoring case
 * (CVE-2026-49098).
 */
public final class RecordHeaderPolicy extends DefaultHeaderFilterStrategy {

    static final String[] CAMEL_PREFIXES = {"camel", "kafka.", "org.apache.camel"};

    public RecordHeaderPolicy() {
        setLowerCase(true);
        setInFilterStartsWith(CAMEL_PREFIXES);
        setOutFilterStartsWith(CAMEL_PREFIXES);
        getInFilter().add(RawHeaders.NAME);
    }
}
