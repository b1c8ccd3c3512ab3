package dev.caravan.capability.webhooks;

import dev.caravan.capability.webhooks.AddressGuard.ForbiddenAddressException;
import dev.caravan.operations.audit.OperatorAction;
import dev.caravan.operations.audit.OperatorAudit;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.context.RateLimitedLogger;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.settings.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Sends the due deliveries of the given endpoints. Each is claimed before and stored after its attempt, so none is lost
 * and one may be sent again, with the same {@code webhook-id}, if this process dies in between.
 *
 * <p>Each endpoint has its own limit of deliveries in flight and its own circuit breaker, in the database: a failed
 * delivery lowers the limit to one until the next success, and after five consecutive failures there is one attempt
 * every half minute.
 */
public final class WebhookDeliveries extends ContextBean implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookDeliveries.class);
    private static final int MOST_PER_ENDPOINT = 8;
    private static final int MOST_IN_FLIGHT = 256;
    private static final int FAILURES_UNTIL_PAUSE = 5;
    /** A delivery is claimed for so many times the timeout, which is longer than a lookup and an attempt. */
    private static final int LEASE_TIMEOUTS = 4;

    private static final int LONGEST_TEXT = 200;
    private static final int GONE = 410;
    private static final int RECORDERS = 2;

    private record Endpoint(String id, String url, List<String> secrets, int failures, Instant failingSince) {}

    private record Due(long id, String webhookId, String payload, int attempts, long dueAt) {}

    /** What exists once deliveries begin. */
    private final class Sender extends ServiceSupport {
        private final WebhookClient client = new WebhookClient(timeout);
        /** Lookups of names block. */
        private final ExecutorService lookups = pools().newCachedThreadPool(WebhookDeliveries.this, "caravan-webhooks");

        private final ExecutorService recorders =
                pools().newFixedThreadPool(WebhookDeliveries.this, "caravan-webhook-attempts", RECORDERS);
        private final JdbcTemplate jdbc = new JdbcTemplate(bean(DataSource.class));
        private final TransactionTemplate transaction =
                new TransactionTemplate(new JdbcTransactionManager(bean(DataSource.class)));

        private org.apache.camel.spi.ExecutorServiceManager pools() {
            return getCamelContext().getExecutorServiceManager();
        }

        @Override
        protected void doStop() {
            client.close();
        }
    }

    private final Map<String, AtomicInteger> inFlight = new ConcurrentHashMap<>();
    private final Semaphore ended = new Semaphore(0);
    private final RateLimitedLogger log = new RateLimitedLogger();
    private AddressGuard guard = new AddressGuard(InetAddress::getAllByName, List.of());
    private boolean plainHttp;
    private RetrySchedule schedule;
    private Duration timeout;
    private Duration disableAfter;
    private long pauseMillis;
    private long intervalMillis;
    private Sender sender;

    /** Whether an endpoint may have this URL, as far as that can be said without a lookup. */
    boolean mayCall(String text) {
        try {
            WebhookUrl url = WebhookUrl.of(text);
            if (url.isAddress()) {
                guard.addresses(url);
            }
            return url.isSecure() || plainHttp;
        } catch (IllegalArgumentException | UnknownHostException | ForbiddenAddressException e) {
            return false;
        }
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        if (sender == null) {
            sender = new Sender();
            getCamelContext().addService(sender);
        }
        inFlight.values().removeIf(count -> count.get() == 0);
        int sent = 0;
        for (Map<String, Object> row : RowsResponse.of(exchange.getMessage().getBody())) {
            sent += send(new Endpoint(
                    (String) row.get("id"),
                    (String) row.get("url"),
                    List.of(((String) row.get("secrets")).split(" ")),
                    ((Number) row.get("failures")).intValue(),
                    Page.instant(row.get("failingSince"))));
        }
        if (sent == 0) {
            // All that is due waits for a delivery in flight.
            ended.tryAcquire(intervalMillis, TimeUnit.MILLISECONDS);
        }
        ended.drainPermits();
    }

    private int send(Endpoint endpoint) {
        AtomicInteger running = inFlight.computeIfAbsent(endpoint.id(), any -> new AtomicInteger());
        int total = inFlight.values().stream().mapToInt(AtomicInteger::get).sum();
        int most = endpoint.failures() == 0 ? MOST_PER_ENDPOINT : 1;
        int free = Math.min(most - running.get(), MOST_IN_FLIGHT - total);
        if (free <= 0) {
            return 0;
        }
        long now = System.currentTimeMillis();
        List<Due> due = sender.jdbc.query(
                "SELECT id, webhook_id, payload, attempts, due_at FROM webhook_deliveries"
                        + " WHERE endpoint_id = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
                (row, number) ->
                        new Due(row.getLong(1), row.getString(2), row.getString(3), row.getInt(4), row.getLong(5)),
                endpoint.id(),
                now,
                free);
        int sent = 0;
        for (Due delivery : due) {
            if (claim(delivery, now)) {
                running.incrementAndGet();
                sent++;
                sender.lookups.execute(() -> attempt(endpoint, delivery, running));
            }
        }
        return sent;
    }

    /** Fails if another instance has claimed it. */
    private boolean claim(Due delivery, long now) {
        return sender.jdbc.update(
                        "UPDATE webhook_deliveries SET due_at = ? WHERE id = ? AND due_at = ?",
                        now + LEASE_TIMEOUTS * timeout.toMillis(),
                        delivery.id(),
                        delivery.dueAt())
                == 1;
    }

    private void attempt(Endpoint endpoint, Due delivery, AtomicInteger running) {
        Instant began = Instant.now();
        byte[] payload = delivery.payload().getBytes(StandardCharsets.UTF_8);
        try {
            WebhookUrl url = WebhookUrl.of(endpoint.url());
            List<InetAddress> addresses = guard.addresses(url);
            String signature =
                    WebhookSignature.of(endpoint.secrets(), delivery.webhookId(), began.getEpochSecond(), payload);
            Map<String, String> headers = Map.of(
                    "Content-Type",
                    "application/json",
                    "User-Agent",
                    "Caravan-Webhooks",
                    "webhook-id",
                    delivery.webhookId(),
                    "webhook-timestamp",
                    Long.toString(began.getEpochSecond()),
                    "webhook-signature",
                    signature);
            // Each attempt tries another address.
            sender.client
                    .post(url, addresses.get(delivery.attempts() % addresses.size()), headers, payload)
                    .thenAccept(answer -> record(endpoint, delivery, began, answer, running));
        } catch (UnknownHostException e) {
            record(endpoint, delivery, began, WebhookClient.Answer.failed("unknown host"), running);
        } catch (RuntimeException | ForbiddenAddressException e) {
            record(endpoint, delivery, began, WebhookClient.Answer.failed(ErrorText.root(e, LONGEST_TEXT)), running);
        }
    }

    private void record(
            Endpoint endpoint, Due delivery, Instant began, WebhookClient.Answer answer, AtomicInteger running) {
        try {
            sender.recorders.execute(() -> {
                try {
                    sender.transaction.executeWithoutResult(status -> store(endpoint, delivery, began, answer));
                } catch (RuntimeException e) {
                    log.warn(
                            LOG,
                            "store",
                            "An attempt to deliver a webhook was not stored; it is repeated: {}",
                            e.toString());
                } finally {
                    running.decrementAndGet();
                    ended.release();
                }
            });
        } catch (RejectedExecutionException e) {
            // The program stops; the delivery is due again when its lease ends.
            running.decrementAndGet();
        }
    }

    private void store(Endpoint endpoint, Due delivery, Instant began, WebhookClient.Answer answer) {
        Instant now = Instant.now();
        int attempts = delivery.attempts() + 1;
        sender.jdbc.update(
                "INSERT INTO webhook_attempts (endpoint_id, webhook_id, attempt, at, status, text, millis)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                endpoint.id(),
                delivery.webhookId(),
                attempts,
                Timestamp.from(began),
                answer.status(),
                answer.text(),
                Duration.between(began, now).toMillis());
        if (answer.isSuccess()) {
            sender.jdbc.update("DELETE FROM webhook_deliveries WHERE id = ?", delivery.id());
            sender.jdbc.update(
                    "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, paused_until = 0"
                            + " WHERE id = ? AND failures > 0",
                    endpoint.id());
            return;
        }
        OptionalLong pause = schedule.pause(
                attempts, answer.retryAfter(), ThreadLocalRandom.current().nextDouble());
        sender.jdbc.update(
                "UPDATE webhook_deliveries SET attempts = ?, due_at = ?, failed_at = ? WHERE id = ?",
                attempts,
                pause.isPresent() ? now.toEpochMilli() + pause.getAsLong() : null,
                pause.isPresent() ? null : Timestamp.from(now),
                delivery.id());
        failed(endpoint, answer, now);
    }

    private void failed(Endpoint endpoint, WebhookClient.Answer answer, Instant now) {
        long pause = endpoint.failures() + 1 < FAILURES_UNTIL_PAUSE ? 0 : pauseMillis;
        sender.jdbc.update(
                "UPDATE webhook_endpoints SET failures = failures + 1, failing_since = COALESCE(failing_since, ?),"
                        + " paused_until = GREATEST(paused_until, ?) WHERE id = ?",
                Timestamp.from(now),
                now.toEpochMilli() + Math.max(pause, answer.retryAfter()),
                endpoint.id());
        boolean gone = answer.status() == GONE;
        boolean dead = endpoint.failingSince() != null
                && endpoint.failingSince().plus(disableAfter).isBefore(now);
        if (gone || dead) {
            String reason = gone ? "it answered 410 Gone" : "it has failed since " + endpoint.failingSince();
            int disabled = sender.jdbc.update(
                    "UPDATE webhook_endpoints SET state = 'disabled', reason = ? WHERE id = ? AND state = 'enabled'",
                    reason,
                    endpoint.id());
            if (disabled == 1) {
                LOG.warn("Webhook {} is disabled: {}", endpoint.id(), reason);
                bean(OperatorAudit.class)
                        .add(new OperatorAction(
                                now, "caravan", "webhooks", "disable", "webhook " + endpoint.id(), null));
            }
        }
    }

    /** Comma-separated pauses before the second and each further attempt. */
    public void setDelays(String delays) {
        schedule = new RetrySchedule(delays);
    }

    /** The time in which an endpoint must answer. */
    public void setTimeout(String duration) {
        timeout = Duration.ofMillis(Durations.millis(duration));
    }

    /** An endpoint that has failed for this long, without a success, is disabled. */
    public void setDisableAfter(String duration) {
        disableAfter = Duration.ofMillis(Durations.millis(duration));
    }

    /** The time without an attempt after five consecutive failures. */
    public void setPause(String duration) {
        pauseMillis = Durations.millis(duration);
    }

    /** The longest time to wait for an attempt to end before looking for due deliveries again. */
    public void setInterval(String duration) {
        intervalMillis = Durations.millis(duration);
    }

    /** Comma-separated networks that may be called although they are not public, and without TLS. */
    public void setAllowedNetworks(String networks) {
        List<Network> allowed = Stream.of(networks.split(","))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .map(Network::of)
                .toList();
        plainHttp = !allowed.isEmpty();
        guard = new AddressGuard(InetAddress::getAllByName, allowed);
    }
}
