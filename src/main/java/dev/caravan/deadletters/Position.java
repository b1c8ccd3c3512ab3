package dev.caravan.deadletters;

import dev.caravan.context.InContext;
import dev.caravan.topics.Topics;
import javax.sql.DataSource;
import org.apache.camel.spi.StateRepository;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Where the index of the dead letters has got to in their topics: at its newest row. It lies in the index itself, so that the two
 * cannot disagree, and an index that was lost begins again; what the consumer's group has committed does not count.
 */
public final class Position extends InContext implements StateRepository<String, String> {

    private static final String NONE = "-1";

    /** @param key topic and partition, parted by a slash, as Camel's Kafka consumer asks */
    @Override
    public String getState(String key) {
        int slash = key.lastIndexOf('/');
        Long newest = new JdbcTemplate(bean(DataSource.class))
                .queryForObject(
                        "SELECT MAX(dlq_offset) FROM dead_letters WHERE topic = ? AND dlq_partition = ?",
                        Long.class,
                        Topics.ofDlq(key.substring(0, slash)),
                        Integer.parseInt(key.substring(slash + 1)));
        return newest == null ? NONE : newest.toString();
    }

    /** The row of the record says it. */
    @Override
    public void setState(String key, String value) {}

    @Override
    public void start() {}

    @Override
    public void stop() {}
}
