package dev.caravan.platform.reliability;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Exactly as durable as the effect, because the MessageID is a row of the effect's own transaction. The row also
 * holds the position of the message and the instance that processed it.
 */
final class SqlDedupeStore implements DedupeStore {

    private static final int KEY_LENGTH = 255;

    private final JdbcTemplate jdbc;
    private final String instance;

    SqlDedupeStore(DataSource dataSource, String instance) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.instance = instance;
    }

    @Override
    public boolean add(Delivery delivery) {
        return jdbc.update(
                        "INSERT INTO processed_messages (consumer, message_id, topic, record_partition, record_offset,"
                                + " record_key, published_at, processed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                                + " ON CONFLICT DO NOTHING",
                        delivery.source().consumer().name(),
                        delivery.messageId(),
                        delivery.source().origin(),
                        delivery.originPartition(),
                        delivery.originOffset(),
                        text(delivery.key()),
                        new Timestamp(delivery.originTime()),
                        instance)
                == 1;
    }

    /** A key that is too long is not stored: cut, it could equal another key. */
    private static String text(byte[] key) {
        if (key == null) {
            return null;
        }
        String text = new String(key, StandardCharsets.UTF_8);
        return text.length() > KEY_LENGTH || text.indexOf('\0') >= 0 ? null : text;
    }

    @Override
    public void forget(Delivery delivery) {
        // The rollback removes the row.
    }
}
