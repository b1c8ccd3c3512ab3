package dev.caravan.platform.edge;

import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * Between a Kafka record's headers and Camel's: nothing whose name Camel would act on passes, in either direction and
 * in any spelling (CVE-2026-49098).
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
