package dev.caravan.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.support.Engine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class InboxNumbersMigrationTest {

    @ParameterizedTest
    @EnumSource
    void numbersExistingNotificationsPerUser(Engine engine) {
        try (Database database = engine.database()) {
            database.schema().target("6").load().migrate();
            JdbcTemplate before = new JdbcTemplate(
                    new DriverManagerDataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword()));
            for (int i = 0; i < 7; i++) {
                before.update(
                        "INSERT INTO notifications (user_id, from_id, from_name, to_name, message, message_id)"
                                + " VALUES (?, 9, 'Rick', 'Micho', ?, ?)",
                        1 + i % 2,
                        "message " + i,
                        "id-" + i);
            }
            before.update("UPDATE notifications SET read_at = CURRENT_TIMESTAMP WHERE message = 'message 2'");
            before.update("INSERT INTO inboxes (user_id, total, unread) VALUES (1, 4, 3), (2, 3, 3), (3, 0, 0)");

            JdbcTemplate after = new JdbcTemplate(database);

            assertThat(after.queryForList(
                            "SELECT user_id || '/' || seq || ' ' || message FROM notifications ORDER BY user_id, seq",
                            String.class))
                    .containsExactly(
                            "1/1 message 0",
                            "1/2 message 2",
                            "1/3 message 4",
                            "1/4 message 6",
                            "2/1 message 1",
                            "2/2 message 3",
                            "2/3 message 5");
            assertThat(after.queryForList(
                            "SELECT user_id || ': ' || total || ' ' || unread || ' ' || seq FROM inboxes ORDER BY user_id",
                            String.class))
                    .containsExactly("1: 4 3 4", "2: 3 3 3", "3: 0 0 0");
            assertThat(after.queryForList("SELECT message FROM notifications WHERE read_at IS NOT NULL", String.class))
                    .containsExactly("message 2");
        }
    }
}
