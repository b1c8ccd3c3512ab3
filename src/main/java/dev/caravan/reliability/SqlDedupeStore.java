package dev.caravan.reliability;

import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Exactly as durable as the effect, because the MessageID is a row of the effect's own transaction. */
final class SqlDedupeStore implements DedupeStore {

    private final JdbcTemplate jdbc;

    SqlDedupeStore(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    @Override
    public boolean add(String topic, String messageId) {
        return jdbc.update(
                        "INSERT INTO processed_messages (topic, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                        topic,
                        messageId)
                == 1;
    }

    @Override
    public void forget(String topic, String messageId) {
        // The rollback does.
    }
}
