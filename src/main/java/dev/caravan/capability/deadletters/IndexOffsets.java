package dev.caravan.capability.deadletters;

import dev.caravan.platform.context.ContextBean;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.spi.StateRepository;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Where the index of the dead letters continues in their topics: behind the last record that it has taken. The offset is written in the
 * transaction of that record's row, so the two cannot disagree; what the consumer's group has committed does not count.
 */
public final class IndexOffsets extends ContextBean implements StateRepository<String, String> {

    private static final String NONE = "-1";

    /** @param key topic and partition, separated by a slash, as Camel's Kafka consumer asks */
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

    /** The index writes it with the record's row. */
    @Override
    public void setState(String key, String value) {}

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
