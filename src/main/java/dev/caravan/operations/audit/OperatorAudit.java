package dev.caravan.operations.audit;

import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.RepeatedTask;
import java.sql.Timestamp;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Logs operators' actions immediately and stores them in {@code operator_audit}. Operators never wait for the database:
 * up to {@value #CAPACITY} actions are buffered in memory. If the process dies, only their log lines remain.
 */
public final class OperatorAudit extends ContextBean implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OperatorAudit.class);
    private static final int CAPACITY = 1_000;
    private static final long RETRY_SECONDS = 5;
    private static final long STOP_SECONDS = 2;

    private final BlockingQueue<OperatorAction> unwritten = new ArrayBlockingQueue<>(CAPACITY);
    private final RepeatedTask write = new RepeatedTask("The audit of operators' actions", LOG, this::write);
    private String instance = "";
    private ScheduledExecutorService writer;

    public void setInstance(String instance) {
        this.instance = instance;
    }

    /** Does not wait until the action is stored. */
    public void add(OperatorAction action) {
        if (action.error() == null) {
            LOG.info("{} {} {} (by {})", action.who(), past(action.action()), action.target(), action.via());
        } else {
            LOG.warn(
                    "{} tried to {} {} (by {}): {}",
                    action.who(),
                    action.action(),
                    action.target(),
                    action.via(),
                    action.error());
        }
        if (!unwritten.offer(action)) {
            LOG.error("The buffer of the operators' audit is full; this action is only logged");
        }
        writer().execute(write);
    }

    /** {@code stopped} for {@code stop}. */
    public static String past(String action) {
        return switch (action) {
            case "stop" -> "stopped";
            case "rewind" -> "rewound";
            case "resume", "disable" -> action + "d";
            default -> action + "ed";
        };
    }

    private synchronized ScheduledExecutorService writer() {
        if (writer == null) {
            writer = getCamelContext()
                    .getExecutorServiceManager()
                    .newSingleThreadScheduledExecutor(this, "caravan-audit");
            writer.scheduleWithFixedDelay(write, RETRY_SECONDS, RETRY_SECONDS, TimeUnit.SECONDS);
        }
        return writer;
    }

    private void write() {
        JdbcTemplate jdbc = new JdbcTemplate(bean(DataSource.class));
        for (OperatorAction next = unwritten.peek(); next != null; next = unwritten.peek()) {
            jdbc.update(
                    "INSERT INTO operator_audit (at, who, via, instance, action, target, error)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    Timestamp.from(next.at()),
                    next.who(),
                    next.via(),
                    instance,
                    next.action(),
                    next.target(),
                    next.error());
            unwritten.poll();
        }
    }

    /** Stores the remaining actions if the database is available. */
    @Override
    public synchronized void close() throws InterruptedException {
        if (writer != null) {
            writer.shutdown();
            writer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        }
    }
}
