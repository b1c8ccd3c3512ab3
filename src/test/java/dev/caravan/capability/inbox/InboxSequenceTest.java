package dev.caravan.capability.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.database.Database;
import dev.caravan.support.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The numbers of an inbox are 1, 2, 3 … in commit order, so a reader that continues from the last one misses none. */
@Timeout(300)
class InboxSequenceTest {

    private static final long USER = 1;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final InboxRepository inboxes = new InboxRepository();
    private Database database;
    private JdbcTemplate jdbc;
    private TransactionTemplate transaction;
    private TransactionTemplate savepoint;

    private void start(Engine engine) {
        database = engine.database();
        jdbc = new JdbcTemplate(database);
        context.getRegistry().bind("dataSource", database);
        inboxes.setCamelContext(context);
        inboxes.start();
        DataSourceTransactionManager transactions = new DataSourceTransactionManager(database);
        transaction = new TransactionTemplate(transactions);
        savepoint = new TransactionTemplate(transactions);
        savepoint.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        // The first connection creates the tables; others fail until then.
        jdbc.queryForList("SELECT user_id FROM inboxes");
    }

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        database.close();
        context.close();
    }

    @ParameterizedTest
    @EnumSource
    void laterCommitGetsLaterNumbers(Engine engine) throws Exception {
        start(engine);
        add(USER, "zero");

        transaction.executeWithoutResult(first -> {
            add(USER, "added first, committed last");
            inAnotherThread(() -> transaction.execute(second -> add(USER, "added last, committed first")));
            assertThat(after(1)).containsExactly("2 added last, committed first");
        });

        assertThat(after(2)).containsExactly("3 added first, committed last");
    }

    @ParameterizedTest
    @EnumSource
    void concurrentTransactionsCreateAnInboxOnce(Engine engine) throws Exception {
        start(engine);

        transaction.executeWithoutResult(first -> {
            add(USER, "a");
            inAnotherThread(() -> transaction.execute(second -> add(USER, "b")));
        });

        assertThat(after(0)).containsExactly("1 b", "2 a");
        assertThat(head()).isEqualTo(Map.of("total", 2L, "unread", 2L, "seq", 2L));
    }

    @ParameterizedTest
    @EnumSource
    void rollbackLeavesNoGap(Engine engine) throws Exception {
        start(engine);

        transaction.executeWithoutResult(all -> {
            savepoint.executeWithoutResult(status -> {
                add(USER, "rolled back");
                status.setRollbackOnly();
            });
            savepoint.executeWithoutResult(status -> add(USER, "one"));
            savepoint.executeWithoutResult(status -> {
                add(USER, "rolled back");
                savepoint.executeWithoutResult(inner -> add(USER, "rolled back"));
                status.setRollbackOnly();
            });
            savepoint.executeWithoutResult(status -> {
                add(USER, "two");
                savepoint.executeWithoutResult(inner -> {
                    add(USER, "rolled back");
                    inner.setRollbackOnly();
                });
            });
        });
        transaction.executeWithoutResult(status -> {
            add(USER, "rolled back");
            status.setRollbackOnly();
        });
        add(USER, "three");

        assertThat(after(0)).containsExactly("1 one", "2 two", "3 three");
    }

    @ParameterizedTest
    @EnumSource
    void numbersAreUnique(Engine engine) throws Exception {
        start(engine);
        add(USER, "one");
        add(USER, "two");

        jdbc.update("DELETE FROM notifications WHERE user_id = ?", USER);
        jdbc.update("UPDATE inboxes SET total = 0, unread = 0 WHERE user_id = ?", USER);
        add(USER, "three");

        assertThat(after(0)).containsExactly("3 three");
        assertThat(head()).isEqualTo(Map.of("total", 1L, "unread", 1L, "seq", 3L));
    }

    /** Random transactions on several inboxes; some records and transactions are rolled back. */
    @ParameterizedTest
    @EnumSource
    void readersSeeEveryNumberOnceInOrder(Engine engine) throws Exception {
        start(engine);
        int writers = 4;
        int users = 3;
        List<Future<Map<Long, Integer>>> writing = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            Random random = new Random(writer);
            writing.add(threads.submit(() -> write(random, users)));
        }

        Map<Long, List<Long>> seen = new HashMap<>();
        boolean done;
        do {
            done = writing.stream().allMatch(Future::isDone);
            for (long user = 1; user <= users; user++) {
                List<Long> numbers = seen.computeIfAbsent(user, none -> new ArrayList<>());
                numbers.addAll(jdbc.queryForList(
                        "SELECT seq FROM notifications WHERE user_id = ? AND seq > ? ORDER BY user_id, seq LIMIT 7",
                        Long.class,
                        user,
                        numbers.isEmpty() ? 0 : numbers.get(numbers.size() - 1)));
            }
        } while (!done || behind(seen));

        Map<Long, Integer> written = new HashMap<>();
        for (Future<Map<Long, Integer>> each : writing) {
            each.get().forEach((user, count) -> written.merge(user, count, Integer::sum));
        }
        assertThat(written).hasSize(users);
        written.forEach((user, count) -> assertThat(seen.get(user))
                .as("inbox %s", user)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, count).boxed().toList()));
    }

    private boolean behind(Map<Long, List<Long>> seen) {
        return seen.entrySet().stream()
                .anyMatch(each -> jdbc.queryForObject(
                                "SELECT COUNT(*) FROM notifications WHERE user_id = ?", Integer.class, each.getKey())
                        > each.getValue().size());
    }

    private Map<Long, Integer> write(Random random, int users) {
        Map<Long, Integer> written = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            Map<Long, Integer> kept = new HashMap<>();
            boolean committed = Boolean.TRUE.equals(transaction.execute(all -> {
                for (int record = random.nextInt(8); record >= 0; record--) {
                    long user = 1 + random.nextInt(users);
                    boolean fails = random.nextInt(5) == 0;
                    savepoint.executeWithoutResult(status -> {
                        add(user, "any");
                        if (fails) {
                            status.setRollbackOnly();
                        }
                    });
                    if (!fails) {
                        kept.merge(user, 1, Integer::sum);
                    }
                }
                if (random.nextInt(6) == 0) {
                    all.setRollbackOnly();
                    return false;
                }
                return true;
            }));
            if (committed) {
                kept.forEach((user, count) -> written.merge(user, count, Integer::sum));
            }
        }
        return written;
    }

    /** Like the aggregator: gets the aggregate, then adds the notification. */
    private Void add(long user, String message) {
        Exchange added = InboxRepositoryTest.notification(context, user, message, "any");
        String key = String.valueOf(user);
        inboxes.add(context, key, inboxes.get(context, key), added);
        return null;
    }

    private <T> T inAnotherThread(Callable<T> action) {
        CompletableFuture<T> done = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                done.complete(action.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get(2, TimeUnit.MINUTES);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers that a reader gets after this one, on its own connection. */
    private List<String> after(long seq) {
        return inAnotherThread(() -> jdbc.query(
                "SELECT seq, message FROM notifications WHERE user_id = ? AND seq > ? ORDER BY user_id, seq",
                (row, i) -> row.getLong(1) + " " + row.getString(2),
                USER,
                seq));
    }

    private Map<String, Object> head() {
        return jdbc.queryForMap("SELECT total, unread, seq FROM inboxes WHERE user_id = ?", USER);
    }
}
