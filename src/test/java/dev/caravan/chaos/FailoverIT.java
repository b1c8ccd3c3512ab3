package dev.caravan.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.Postgres;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under load, a primary fails in three ways and its synchronous standby is promoted behind the same address. The program is never
 * restarted.
 */
@ExtendWith(CaravanExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailoverIT {

    /** The documented maximum. */
    private static final Duration RECOVERY = Duration.ofSeconds(30);

    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Integer> answers = new ConcurrentSkipListMap<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final ScheduledExecutorService caller = Executors.newSingleThreadScheduledExecutor();
    private EmbeddedBroker broker;
    private List<Postgres> servers;
    private Proxy address;
    private Program program;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        servers = Postgres.replicated(folder.resolve("postgres"), 5, true);
        address = Proxy.start(0, servers.get(0).port());
        program = Program.on(
                broker.bootstrapServers(),
                Map.of(
                        "database.url",
                        "jdbc:postgresql://127.0.0.1:" + address.port() + "/postgres",
                        "database.user",
                        "postgres"));
        caller.scheduleWithFixedDelay(this::send, 0, 20, TimeUnit.MILLISECONDS);
        await().ignoreExceptions().until(() -> stored(0) > 20);
        servers.get(0)
                .jdbc()
                .execute(
                        """
                        CREATE TABLE effects (id VARCHAR);
                        CREATE FUNCTION effect() RETURNS trigger AS $$ BEGIN
                          INSERT INTO effects (id) VALUES (NEW.message_id); RETURN NEW;
                        END $$ LANGUAGE plpgsql;
                        CREATE TRIGGER effect AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION effect();
                        CREATE TRIGGER effect AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION effect();
                        """);
    }

    @AfterAll
    void stop() throws Exception {
        caller.shutdownNow();
        program.close();
        address.close();
        for (Postgres server : servers.subList(1, servers.size())) {
            server.close();
        }
        broker.close();
    }

    private void send() {
        String id = "failover-" + sent.incrementAndGet();
        try {
            int status = program.http()
                    .postJson(
                            "/order",
                            """
                            {"id":"%s","user_id":"1","total":1,"status":"new","timestamp":"2026-01-01T00:00:00Z"}"""
                                    .formatted(id))
                    .status();
            answers.merge(status, 1, Integer::sum);
            if (status < 300) {
                accepted.add(id);
            }
        } catch (UncheckedIOException e) {
            answers.merge(0, 1, Integer::sum);
        }
    }

    private int stored(int server) {
        Integer orders = servers.get(server).jdbc().queryForObject("SELECT count(*) FROM orders", Integer.class);
        return orders == null ? 0 : orders;
    }

    @Test
    @Order(1)
    void recoversFromAKilledPrimary() throws Exception {
        servers.get(0).kill();
        address.moveTo(servers.get(1).port());
        continuesOn(1);
        nothingIsLost(1);
    }

    @Test
    @Order(2)
    void recoversFromAReadOnlyPrimary() {
        servers.get(1).demote();
        address.moveTo(servers.get(2).port());
        continuesOn(2);
        nothingIsLost(2);
        await().until(() -> connections(1) == 0);
    }

    @Test
    @Order(3)
    void recoversFromAVanishedPrimary() {
        address.vanishTo(servers.get(3).port());
        continuesOn(3);
        nothingIsLost(3);
    }

    /** An asynchronous standby loses the primary's last commits. */
    @Test
    @Order(4)
    void rewindRepairsLostTransactions() throws Exception {
        Postgres primary = servers.get(3);
        Postgres standby = servers.get(4);
        int replicated = stored(3);
        await().until(() -> stored(4) >= replicated);
        primary.set("synchronous_standby_names", "");
        standby.set("primary_conninfo", "");
        await().until(() -> standby.jdbc()
                .queryForList("SELECT pid FROM pg_stat_wal_receiver")
                .isEmpty());
        await().until(() -> standby.jdbc()
                .queryForObject("SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()", Boolean.class));
        int had = stored(4);
        int inbox = total();
        program.records().write("flaky", "lost", "lost 5".getBytes(), Map.of("MessageID", "lost"));
        program.http().postForm("/send", "fromID=2&toID=1&message=lost");
        await().until(() -> stored(3) > had + 20 && total() == inbox + 1);
        await().until(() -> flaky(3) == 1);
        await().until(() -> program.records().lag("caravan-retry-1", "flaky-retry-1") == 0);

        List<String> missed = primary.jdbc().queryForList("SELECT id FROM orders", String.class);
        primary.kill();
        address.moveTo(standby.port());
        continuesOn(4);
        assertThat(flaky(4)).isZero();
        assertThat(total()).isEqualTo(inbox);
        List<String> owed = List.copyOf(accepted);
        List<String> kept = standby.jdbc().queryForList("SELECT id FROM orders", String.class);
        List<String> lost = missed.stream().filter(id -> !kept.contains(id)).toList();
        assertThat(lost).hasSizeGreaterThan(20);

        Answer rewound = program.http().postJson("/api/v1/rewinds", "{\"minutes\":10}");

        assertThat(rewound.status()).as(rewound.body()).isEqualTo(200);
        long at = System.nanoTime();
        await().untilAsserted(() -> assertThat(standby.jdbc().queryForList("SELECT id FROM orders", String.class))
                .containsAll(owed));
        await().untilAsserted(() -> assertThat(flaky(4)).isEqualTo(1));
        await().untilAsserted(() -> assertThat(total()).isEqualTo(inbox + 1));
        System.out.printf(
                "Rewind: %d orders were lost and are back after %.1f s, at most %s records were read again%n",
                lost.size(),
                (System.nanoTime() - at) / 1e9,
                rewound.json().path("records").asText());
        caller.shutdown();
        assertThat(caller.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
        await().until(() -> program.records().lag("caravan-orders", "orders") == 0);
        assertThat(standby.jdbc().queryForList("SELECT id FROM orders", String.class))
                .containsAll(accepted);
        assertThat(standby.jdbc().queryForList("SELECT id FROM effects GROUP BY id HAVING count(*) > 1", String.class))
                .isEmpty();
        await().untilAsserted(() -> assertThat(standby.jdbc()
                        .queryForList("SELECT target FROM operator_audit WHERE action = 'rewind'", String.class))
                .singleElement()
                .asString()
                .startsWith("10 minutes of "));
    }

    private int total() {
        return program.http().get("/notifications/1/count").json().path("total").asInt();
    }

    private int flaky(int server) {
        Integer effects = servers.get(server)
                .jdbc()
                .queryForObject("SELECT count(*) FROM comments WHERE message_id = 'lost'", Integer.class);
        return effects == null ? 0 : effects;
    }

    private void nothingIsLost(int server) {
        List<String> owed = List.copyOf(accepted);
        await().untilAsserted(
                        () -> assertThat(servers.get(server).jdbc().queryForList("SELECT id FROM orders", String.class))
                                .containsAll(owed));
    }

    private void continuesOn(int server) {
        servers.get(server).promote();
        long promoted = System.nanoTime();
        int before = stored(server);
        await().atMost(RECOVERY).until(() -> stored(server) > before);
        long stored = System.nanoTime();
        await().atMost(RECOVERY)
                .until(() -> program.http().get("/order/failover-1").status() == 200);
        System.out.printf(
                "Failover %d: the first order was stored %.1f s after the promotion, the first read %.1f s; answers to orders: %s%n",
                server, (stored - promoted) / 1e9, (System.nanoTime() - promoted) / 1e9, answers);
    }

    /**
     * The program's connections to a previous primary, which would return outdated rows. Omits backends that wait for the standby in a
     * COMMIT, because they do not notice that their client has left.
     */
    private int connections(int server) {
        Integer open = servers.get(server)
                .jdbc()
                .queryForObject(
                        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND wait_event IS DISTINCT FROM 'SyncRep'",
                        Integer.class);
        return open == null ? 0 : open;
    }
}
