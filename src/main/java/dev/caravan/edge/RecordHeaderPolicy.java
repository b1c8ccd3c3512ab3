package dev.caravan.edge;

import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * Between a Kafka record's headers and Camel's: nothing whose name Camel would act on passes, in either direction and in
 * any spelling (CVE-2026-49098).
 */
public final class RecordHeaderPolicy extends DefaultHeaderFilterStrategy {

    static final String[] ACTED_ON = {"camel", "kafka.", "org.apache.camel"};

    public RecordHeaderPolicy() {
        setLowerCase(true);
        setInFilterStartsWith(ACTED_ON);
        setOutFilterStartsWith(ACTED_ON);
    }

    /** Asked of every header of every record that is published, of which hardly one begins with these letters. */
    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return mayBeActedOn(name) ? super.applyFilterToCamelHeaders(name, value, exchange) : value == null;
    }

    static boolean mayBeActedOn(String name) {
        return !name.isEmpty() && "cCkK\u212aoO".indexOf(name.charAt(0)) >= 0;
    }
}
