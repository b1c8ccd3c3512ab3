package dev.caravan.capability.deadletters;

import dev.caravan.platform.context.ContextBean;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.spi.StateRepository;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The offsets at which the dead-letter index continues in its topics. The transaction that inserts a record's row also
 * writes the offset, so the two always agree. The group's committed offsets are not used.
 */
public final class IndexOffsets extends ContextBean implements StateRepository<String, String> {

    private static final String NONE = "-1";

    /** @param key topic and partition separated by a slash, the form of Camel's Kafka consumer */
    @Override
    public String getState(String key) {
        int slash = key.lastIndexOf('/');
        List<Long> next = new JdbcTemplate(bean(DataSource.class))
                .queryForList(
                        "SELECT next_offset FROM dead_letter_offsets WHERE dlq_topic = ? AND dlq_partition = ?",
                        Long.class,
                        key.substring(0, slash),
                        Integer.parseInt(key.substring(slash + 1)));
        return next.isEmpty() ? NONE : Long.toString(next.get(0) - 1);
    }

    /** Does nothing: the index writes the offset together with the record's row. */
    @Override
    public void setState(String key, String value) {}

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
