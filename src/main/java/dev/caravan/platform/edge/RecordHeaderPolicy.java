package dev.caravan.platform.edge;

import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * Filters headers between Kafka and Camel: drops names that Camel acts on, in both directions and ignoring case
 * (CVE-2026-49098).
 */
public final class RecordHeaderPolicy extends DefaultHeaderFilterStrategy {

    static final String[] ACTED_ON = {"camel", "kafka.", "org.apache.camel"};

    public RecordHeaderPolicy() {
        setLowerCase(true);
        setInFilterStartsWith(ACTED_ON);
        setOutFilterStartsWith(ACTED_ON);
        getInFilter().add(RawHeaders.NAME);
    }
}
