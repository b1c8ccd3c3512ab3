package dev.caravan.platform.reliability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.caravan.platform.publish.PendingAcks;
import dev.caravan.platform.topics.Counters;
import dev.caravan.platform.topics.TopicConsumer;
import dev.caravan.platform.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class ConsumerTransactionTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final JdbcDataSource database = new JdbcDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(database);
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final ConsumerTransaction consumerTransaction = new ConsumerTransaction();
    private final List<String> committed = new ArrayList<>();
    private final List<Set<TopicPartition>> requests = new ArrayList<>();
    private final List<String> undone = new ArrayList<>();

    @BeforeEach
    void createTable() {
        database.setURL("jdbc:h2:mem:batch;DB_CLOSE_DELAY=-1");
        jdbc.execute("CREATE TABLE effects (id VARCHAR(9))");
        Counters counters = new Counters();
        counters.setCamelContext(context);
        context.getRegistry().bind("meters", MeterRegistry.class, meters);
        context.getRegistry().bind("counters", counters);
        FailedAttempts failedAttempts = new FailedAttempts();
        failedAttempts.setCamelContext(context);
        context.getRegistry().bind("failedAttempts", failedAttempts);
        context.getRegistry().bind("database", javax.sql.DataSource.class, database);
        consumerTransaction.setCamelContext(context);
        consumerTransaction.setInterval("1m");
    }

    @AfterEach
    void drop() {
        consumerTransaction.commitOrRewind();
        jdbc.execute("DROP ALL OBJECTS");
    }

    @Test
    void commitsEffectsAndOffsetsAfterThePoll() throws Exception {
        process(0, 1);
        process(0, 2);

        assertThat(visible()).isZero();
        assertThat(committed).isEmpty();

        assertThat(consumerTransaction.commitOrRewind()).isEmpty();

        assertThat(visible()).isEqualTo(2);
        assertThat(committed).containsExactly("0/2");
        assertThat(consumerTransaction.processed()).isEqualTo(2);
    }

    @Test
    void commitsEachPartitionUpToItsLastRecord() {
        process(0, 4);
        process(1, 7);
        process(0, 5);

        consumerTransaction.commitOrRewind();

        assertThat(committed).containsExactlyInAnyOrder("0/5", "1/7");
        assertThat(requests).as("of one commit").hasSize(1);
    }

    @Test
    void commitsEachRecordAloneWithoutAnInterval() throws Exception {
        consumerTransaction.setInterval("0ms");

        process(0, 1);
        process(0, 2);

        assertThat(visible()).isEqualTo(2);
        assertThat(committed).containsExactly("0/1", "0/2");
    }

    @Test
    void aHandedOverRecordIsCommittedButNotCountedAsProcessed() {
        consumerTransaction.add(delivery(0, 1), false);

        consumerTransaction.commitOrRewind();

        assertThat(committed).containsExactly("0/1");
        assertThat(consumerTransaction.processed()).isZero();
    }

    @Test
    void commitsAFailedRecordOnlyOnceTheNextTopicHasIt() throws Exception {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        Thread consumer = Thread.currentThread();
        process(0, 1);
        hand(0, 2, acknowledged);
        CompletableFuture<List<String>> committedBefore = CompletableFuture.supplyAsync(() -> {
            await().until(() -> consumer.getState() == Thread.State.WAITING);
            List<String> before = List.copyOf(committed);
            acknowledged.complete(null);
            return before;
        });

        assertThat(consumerTransaction.commitOrRewind()).isEmpty();

        assertThat(committedBefore.get()).isEmpty();
        assertThat(committed).containsExactly("0/2");
        assertThat(counted("sent.to.dlq")).isEqualTo(1);
    }

    @Test
    void readsARejectedRecordAgainAndKeepsTheEffects() throws Exception {
        polled("0/1", "0/2", "0/3", "0/4", "1/7");
        process(0, 1);
        hand(0, 2, CompletableFuture.failedFuture(new IllegalStateException("brokers unavailable")));
        process(0, 3);
        hand(0, 4);
        process(1, 7);

        Map<TopicPartition, Long> again = consumerTransaction.commitOrRewind();

        assertThat(again).isEqualTo(Map.of(new TopicPartition("orders", 0), 2L));
        assertThat(committed).containsExactlyInAnyOrder("0/1", "1/7");
        assertThat(visible()).isEqualTo(3);
        assertThat(undone).isEmpty();
        assertThat(consumerTransaction.processed()).isEqualTo(2);
        assertThat(counted("sent.to.dlq")).isZero();
    }

    @Test
    void processesNoRecordBehindARejectedOne() {
        polled("0/2");
        hand(0, 2, CompletableFuture.failedFuture(new IllegalStateException("brokers unavailable")));

        assertThatExceptionOfType(ConsumerTransaction.TransactionLostException.class)
                .isThrownBy(consumerTransaction::commitBeforeWait);
        assertThatExceptionOfType(ConsumerTransaction.TransactionLostException.class)
                .isThrownBy(consumerTransaction::begin);
        assertThat(consumerTransaction.commitOrRewind()).isEqualTo(Map.of(new TopicPartition("orders", 0), 2L));

        hand(0, 2);
        assertThat(consumerTransaction.commitOrRewind()).isEmpty();
        assertThat(committed).containsExactly("0/2");
        assertThat(counted("sent.to.dlq")).isEqualTo(1);
    }

    @Test
    void anInterruptedThreadCommitsNothing() {
        polled("0/2");
        hand(0, 2, new CompletableFuture<>());
        Thread.currentThread().interrupt();

        Map<TopicPartition, Long> again = consumerTransaction.commitOrRewind();

        assertThat(Thread.interrupted()).as("interrupt flag").isTrue();
        assertThat(again).isEqualTo(Map.of(new TopicPartition("orders", 0), 2L));
        assertThat(committed).isEmpty();
    }

    @Test
    void doesNotCountAFailedRecordThatIsReadAgain() throws Exception {
        polled("0/1", "0/2");
        process(0, 1);
        hand(0, 2);
        loseTheConnection();

        assertThat(consumerTransaction.commitOrRewind()).isEqualTo(Map.of(new TopicPartition("orders", 0), 1L));

        assertThat(counted("sent.to.dlq")).isZero();
    }

    @Test
    void readsALostTransactionAgainFromItsFirstRecord() throws Exception {
        polled("0/4", "0/5", "1/9");
        process(0, 4);
        process(0, 5);
        process(1, 9);
        loseTheConnection();

        Map<TopicPartition, Long> again = consumerTransaction.commitOrRewind();

        assertThat(again).isEqualTo(Map.of(new TopicPartition("orders", 0), 4L, new TopicPartition("orders", 1), 9L));
        assertThat(committed).isEmpty();
        assertThat(consumerTransaction.processed()).isZero();
        assertThat(undone).containsExactly("0/4", "0/5", "1/9");
    }

    @Test
    void processesNothingBehindALostTransactionUntilItIsReadAgain() throws Exception {
        polled("0/4");
        process(0, 4);
        loseTheConnection();

        assertThatExceptionOfType(ConsumerTransaction.TransactionLostException.class)
                .isThrownBy(consumerTransaction::commitBeforeWait);
        assertThatExceptionOfType(ConsumerTransaction.TransactionLostException.class)
                .isThrownBy(consumerTransaction::begin);
        assertThat(consumerTransaction.commitOrRewind()).containsOnlyKeys(new TopicPartition("orders", 0));

        process(0, 4);
        assertThat(consumerTransaction.commitOrRewind()).isEmpty();
        assertThat(visible()).isEqualTo(1);
        assertThat(committed).containsExactly("0/4");
    }

    /** One of the records may have failed the commit. */
    @Test
    void recordsOfALostTransactionGetTheirOwnTransactions() throws Exception {
        polled("0/1", "0/2");
        process(0, 1);
        process(0, 2);
        loseTheConnection();
        assertThat(consumerTransaction.commitOrRewind()).isEqualTo(Map.of(new TopicPartition("orders", 0), 1L));

        // The first record fails again and goes to its next topic.
        consumerTransaction.begin();
        consumerTransaction.effect(delivery(0, 1), () -> undone.add("own"));
        consumerTransaction.undoOwnEffect();
        assertThat(undone).containsExactly("0/1", "0/2", "own");
        hand(0, 1);
        process(0, 2);
        assertThat(visible()).as("committed in its own transaction").isEqualTo(1);
        assertThat(committed).containsExactly("0/1", "0/2");

        process(0, 3);
        assertThat(visible()).as("the next transaction is open").isEqualTo(1);
        assertThat(consumerTransaction.commitOrRewind()).isEmpty();
        assertThat(visible()).isEqualTo(2);
        assertThat(undone).hasSize(3);
    }

    @Test
    void aFailedRecordMakesThePollBeReadAgainWithSavepoints() throws Exception {
        polled("0/1", "0/2", "0/3", "1/7");
        process(0, 1);
        assertThat(consumerTransaction.begin()).as("a savepoint").isFalse();
        jdbc.update("INSERT INTO effects VALUES ('0/2')");

        consumerTransaction.rollback(new IllegalStateException("it failed"));
        consumerTransaction.add(delivery(0, 2), true);
        consumerTransaction.add(delivery(0, 3), true);

        assertThat(consumerTransaction.isLost()).isTrue();
        assertThat(consumerTransaction.commitOrRewind())
                .isEqualTo(Map.of(new TopicPartition("orders", 0), 1L, new TopicPartition("orders", 1), 7L));
        assertThat(undone).containsExactly("0/1");
        assertThat(visible()).isZero();
        assertThat(committed).isEmpty();
        assertThat(consumerTransaction.processed()).isZero();
        assertThat(consumerTransaction.begin()).as("a savepoint").isTrue();
        assertThat(consumerTransaction.isLost()).isFalse();
    }

    @Test
    void theFirstRecordOfATransactionFailsAlone() throws Exception {
        polled("0/1", "0/2");
        consumerTransaction.begin();
        jdbc.update("INSERT INTO effects VALUES ('0/1')");

        consumerTransaction.rollback(new IllegalStateException("it failed"));

        assertThat(consumerTransaction.isLost()).isFalse();
        hand(0, 1);
        process(0, 2);
        assertThat(consumerTransaction.commitOrRewind()).isEmpty();
        assertThat(effects()).containsExactly("0/2");
        assertThat(committed).containsExactly("0/2");
    }

    /** If a later record made it be read again, it would be handed over twice. */
    @Test
    void recordsBehindAHandedOverOneHaveSavepoints() {
        process(0, 1);
        hand(0, 2);

        assertThat(consumerTransaction.begin()).isTrue();
    }

    @Test
    void readsOnlyUncommittedRecordsAgain() throws Exception {
        polled("0/1", "0/2", "0/3");
        process(0, 1);
        consumerTransaction.commitBeforeWait();
        process(0, 2);
        loseTheConnection();

        assertThat(consumerTransaction.commitOrRewind()).isEqualTo(Map.of(new TopicPartition("orders", 0), 2L));
        assertThat(committed).containsExactly("0/1");
    }

    @Test
    void aFailedOffsetCommitUndoesNothing() throws Exception {
        consumerTransaction.begin();
        effect(0, 1);
        consumerTransaction.add(
                delivery(0, 1, offsets -> {
                    throw new IllegalStateException("coordinator unavailable");
                }),
                true);

        assertThat(consumerTransaction.commitOrRewind()).isEmpty();

        assertThat(visible()).isEqualTo(1);
        assertThat(undone).isEmpty();
    }

    @Test
    void clearsTheLogContextOfARecordThatFailed() {
        MDC.put("message_id", "0/4");

        consumerTransaction.commitOrRewind();

        assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
    }

    /** Does what the failure route does. */
    private void hand(int partition, long offset, CompletableFuture<?> acknowledged) {
        PendingAcks pendingAcks = new PendingAcks();
        pendingAcks.add(acknowledged);
        consumerTransaction.addHandedOver(
                new FailedAttempts.FailedRecord(delivery(partition, offset), List.of(), "orders-dlq", null),
                pendingAcks);
    }

    private void hand(int partition, long offset) {
        hand(partition, offset, CompletableFuture.completedFuture(null));
    }

    private void polled(String... places) {
        Map<TopicPartition, List<ConsumerRecord<Object, Object>>> records = Stream.of(places)
                .map(place -> place.split("/"))
                .map(place -> new ConsumerRecord<Object, Object>(
                        "orders", Integer.parseInt(place[0]), Long.parseLong(place[1]), null, null))
                .collect(Collectors.groupingBy(record -> new TopicPartition(record.topic(), record.partition())));
        consumerTransaction.polled(new ConsumerRecords<>(records));
    }

    private double counted(String counter) {
        return meters.counter("caravan." + counter, "consumer", "orders", "topic", "orders")
                .count();
    }

    private void process(int partition, long offset) {
        consumerTransaction.begin();
        effect(partition, offset);
        consumerTransaction.add(delivery(partition, offset), true);
    }

    private void effect(int partition, long offset) {
        String place = partition + "/" + offset;
        jdbc.update("INSERT INTO effects VALUES (?)", place);
        consumerTransaction.effect(delivery(partition, offset), () -> undone.add(place));
    }

    private int visible() throws SQLException {
        return effects().size();
    }

    /** The rows that another connection sees. */
    private List<String> effects() throws SQLException {
        try (Connection other = database.getConnection()) {
            return new JdbcTemplate(new SingleConnectionDataSource(other, true))
                    .queryForList("SELECT id FROM effects", String.class);
        }
    }

    private void loseTheConnection() throws SQLException {
        DataSourceUtils.getConnection(database).close();
    }

    private Delivery delivery(int partition, long offset) {
        return delivery(partition, offset, offsets -> {
            requests.add(offsets.keySet());
            offsets.forEach((each, next) -> committed.add(each.partition() + "/" + (next.offset() - 1)));
        });
    }

    private static Delivery delivery(
            int partition, long offset, Consumer<Map<TopicPartition, OffsetAndMetadata>> commits) {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>(OffsetResetStrategy.EARLIEST) {
            @Override
            public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
                commits.accept(offsets);
            }
        };
        return new Delivery(
                new Topics.Source("orders", TopicConsumer.owner("orders", "orders"), 0),
                partition,
                offset,
                0,
                0,
                0,
                null,
                0,
                null,
                partition + "/" + offset,
                0,
                new OffsetCommit(consumer, new TopicPartition("orders", partition), offset, Duration.ofSeconds(5)));
    }
}
