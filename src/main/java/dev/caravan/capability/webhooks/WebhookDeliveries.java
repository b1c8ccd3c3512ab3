package dev.caravan.capability.webhooks;

import dev.caravan.capability.webhooks.AddressGuard.ForbiddenAddressException;
import dev.caravan.capability.webhooks.DeliveryTable.Attempt;
import dev.caravan.capability.webhooks.DeliveryTable.Delivery;
import dev.caravan.capability.webhooks.DeliveryTable.Endpoint;
import dev.caravan.capability.webhooks.WebhookClient.Answer;
import dev.caravan.operations.audit.OperatorAction;
import dev.caravan.operations.audit.OperatorAudit;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.context.ErrorText;
import dev.caravan.platform.database.DatabaseErrors;
import dev.caravan.platform.http.Page;
import dev.caravan.platform.http.RowsResponse;
import dev.caravan.platform.settings.Durations;
import dev.caravan.platform.settings.Network;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Sends the due deliveries of the given endpoints and stores the results. A delivery is claimed before its attempt, and the
 * result is stored after it. If the process dies in between, the delivery is sent again with the same {@code webhook-id}.
 *
 * <p>Requests run concurrently, so a slow endpoint delays only itself. The route's thread claims all due deliveries in one
 * transaction, and stores all results in another.
 *
 * <p>Each endpoint has its own limit of deliveries in flight and its own circuit breaker, both in the database: a failure
 * lowers the limit to one until the next success, and after five consecutive failures there is one attempt every half
 * minute.
 */
public final class WebhookDeliveries extends ContextBean implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookDeliveries.class);
    private static final int MAX_PER_ENDPOINT = 8;
    private static final int MAX_IN_FLIGHT = 256;
    /** Duration of a claim as a multiple of the timeout: longer than a lookup and an attempt. */
    private static final int CLAIM_TIMEOUTS = 4;

    private static final long STOP_MILLIS = 3_000;

    /** Created by the first run, after all properties are set. */
    private final class Sender extends ServiceSupport {
        private final WebhookClient client = new WebhookClient(timeout, MAX_IN_FLIGHT);
        /** Host name lookups block. */
        private final ExecutorService lookups = getCamelContext()
                .getExecutorServiceManager()
                .newCachedThreadPool(WebhookDeliveries.this, "caravan-webhooks");

        private final DeliveryTable table = new DeliveryTable(
                bean(DataSource.class), schedule, pauseMillis, disableAfter, WebhookDeliveries.this::disabled);
        private final WebhookMetrics metrics = new WebhookMetrics(bean(MeterRegistry.class));

        /** Stores attempts that end soon. The others are repeated after their claims have expired. */
        @Override
        protected void doStop() throws InterruptedException {
            long end = System.currentTimeMillis() + STOP_MILLIS;
            while (!inFlight.isEmpty() && System.currentTimeMillis() < end) {
                storeEnded(end - System.currentTimeMillis());
            }
            client.close();
        }
    }

    /** Endpoint → number of claimed deliveries whose results are not stored. Used by the route's thread only. */
    private final Map<String, Integer> inFlight = new HashMap<>();
    /** Empty between two runs unless the database is unavailable. Used by the route's thread only. */
    private final List<Attempt> unstored = new ArrayList<>();

    private final BlockingQueue<Attempt> ended = new LinkedBlockingQueue<>();
    private AddressGuard guard = new AddressGuard(InetAddress::getAllByName, List.of());
    private boolean plainHttp;
    private RetrySchedule schedule;
    private Duration timeout;
    private Duration disableAfter;
    private long pauseMillis;
    private long intervalMillis;
    private Sender sender;

    /** Whether an endpoint may have this URL, checked without a lookup. */
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

    /** Returns when a result has been stored, at the latest after the interval. */
    @Override
    public void process(Exchange exchange) throws Exception {
        if (sender == null) {
            sender = new Sender();
            getCamelContext().addService(sender);
        }
        storeEnded(0);
        List<Endpoint> endpoints = RowsResponse.of(exchange.getMessage().getBody()).stream()
                .map(row -> new Endpoint(
                        (String) row.get("id"),
                        (String) row.get("url"),
                        List.of(((String) row.get("secrets")).split(" ")),
                        ((Number) row.get("failures")).intValue(),
                        Page.instant(row.get("failingSince"))))
                .toList();
        for (Delivery delivery : sender.table.claim(free(endpoints), CLAIM_TIMEOUTS * timeout.toMillis())) {
            inFlight.merge(delivery.endpoint().id(), 1, Integer::sum);
            sender.lookups.execute(() -> attempt(delivery));
        }
        storeEnded(intervalMillis);
    }

    /** How many more deliveries each endpoint may have in flight, without endpoints at their limit. */
    private Map<Endpoint, Integer> free(List<Endpoint> endpoints) {
        int total = inFlight.values().stream().mapToInt(Integer::intValue).sum();
        int share = Math.max(1, Math.min(MAX_PER_ENDPOINT, MAX_IN_FLIGHT / Math.max(1, endpoints.size())));
        Map<Endpoint, Integer> free = new HashMap<>();
        for (Endpoint endpoint : endpoints) {
            int limit = (endpoint.failures() == 0 ? share : 1) - inFlight.getOrDefault(endpoint.id(), 0);
            int count = Math.min(limit, MAX_IN_FLIGHT - total);
            if (count > 0) {
                free.put(endpoint, count);
                total += count;
            }
        }
        return free;
    }

    private void attempt(Delivery delivery) {
        Endpoint endpoint = delivery.endpoint();
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
            // Each attempt uses another of the host's addresses.
            sender.client
                    .post(url, addresses.get(delivery.attempts() % addresses.size()), headers, payload)
                    .thenAccept(answer -> end(delivery, began, answer));
        } catch (UnknownHostException e) {
            end(delivery, began, Answer.failed("unknown host"));
        } catch (RuntimeException | ForbiddenAddressException e) {
            end(delivery, began, Answer.failed(e));
        }
    }

    private void end(Delivery delivery, Instant began, Answer answer) {
        ended.add(new Attempt(delivery, began, Instant.now(), answer));
    }

    /** Waits until an attempt has ended, and stores all results. */
    private void storeEnded(long waitMillis) throws InterruptedException {
        Attempt first = ended.poll(waitMillis, TimeUnit.MILLISECONDS);
        if (first != null) {
            unstored.add(first);
            ended.drainTo(unstored);
        }
        if (unstored.isEmpty()) {
            return;
        }
        store();
        for (Attempt attempt : unstored) {
            Delivery delivery = attempt.delivery();
            inFlight.computeIfPresent(delivery.endpoint().id(), (id, count) -> count == 1 ? null : count - 1);
            if (attempt.answer().isSuccess()) {
                sender.metrics.delivered(Duration.between(delivery.createdAt(), attempt.ended()));
            } else {
                sender.metrics.failed(schedule.isLast(delivery.nextAttempt()));
            }
        }
        unstored.clear();
    }

    private void store() {
        try {
            sender.table.store(unstored);
        } catch (DataAccessException e) {
            if (DatabaseErrors.unavailable(e)) {
                throw e;
            }
            // One of them may be the cause, and must not prevent the others from being stored.
            unstored.forEach(this::storeAlone);
        }
    }

    private void storeAlone(Attempt attempt) {
        try {
            sender.table.store(List.of(attempt));
        } catch (DataAccessException e) {
            String id = attempt.delivery().webhookId();
            LOG.warn("The attempt to deliver {} was not stored and is repeated: {}", id, ErrorText.line(e));
        }
    }

    private void disabled(Endpoint endpoint, String reason, Instant at) {
        LOG.warn("Webhook {} is disabled: {}", endpoint.id(), reason);
        bean(OperatorAudit.class)
                .add(new OperatorAction(at, "caravan", "webhooks", "disable", "webhook " + endpoint.id(), null));
    }

    /** Comma-separated pauses before the second and each later attempt. */
    public void setDelays(String delays) {
        schedule = new RetrySchedule(delays);
    }

    /** Maximum time for a response. */
    public void setTimeout(String duration) {
        timeout = Duration.ofMillis(Durations.millis(duration));
    }

    /** An endpoint that has failed for this time without a success is disabled. */
    public void setDisableAfter(String duration) {
        disableAfter = Duration.ofMillis(Durations.millis(duration));
    }

    /** The time without an attempt after five consecutive failures. */
    public void setPause(String duration) {
        pauseMillis = Durations.millis(duration);
    }

    /** Maximum time between two queries for due deliveries. */
    public void setInterval(String duration) {
        intervalMillis = Durations.millis(duration);
    }

    /** Comma-separated private networks that may be called, also without TLS. */
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
