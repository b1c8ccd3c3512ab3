package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Expectation;
import java.util.UUID;

/**
 * A message that a lane sends. The components that {@link Attempt} has too are described there.
 *
 * @param idHeader the HTTP header with the MessageID
 */
record Message(
        String messageId,
        String topic,
        String key,
        String content,
        Expectation expectation,
        String path,
        String type,
        String body,
        String idHeader,
        int lane,
        long sequence) {

    /** The consumer's topic and its retry topics: a message that fails at all of them is a dead letter. */
    private static final int LEVELS = 4;

    private static final int LATE_EVERY = 20;

    /** Part of an order whose second consumer fails outside the retry topics. */
    static final String LATE = "\"user_id\":\"late\"";

    static Message order(int lane, long sequence, String key) {
        String id = id(lane, sequence);
        String user = sequence % LATE_EVERY == 0 ? "late" : "u";
        String body = "{\"id\":\"" + key + "\",\"user_id\":\"" + user + "\",\"total\":" + sequence + ".50,\"status\":\""
                + id + "\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        return json(id, "orders", key, body, Expectation.EFFECT, "/order", body, lane, sequence);
    }

    static Message notification(int lane, long sequence, String user, boolean form) {
        String id = id(lane, sequence);
        String text = "for " + user + " " + id;
        Message message = json(
                id,
                "notifications",
                user,
                text,
                Expectation.EFFECT,
                "/send",
                "{\"fromID\":1,\"toID\":" + user + ",\"message\":\"" + text + "\"}",
                lane,
                sequence);
        return form
                ? message.encoded(
                        "application/x-www-form-urlencoded",
                        "fromID=1&toID=" + user + "&message=" + text.replace(' ', '+'))
                : message;
    }

    static Message comment(int lane, long sequence) {
        String id = id(lane, sequence);
        return json(id, "comments", null, "", Expectation.EFFECT, "/api/v1/comments", "", lane, sequence)
                .withText("comment " + id);
    }

    static Message event(int lane, long sequence) {
        String id = id(lane, sequence);
        String key = "event-" + lane;
        return json(
                id,
                "events",
                key,
                null,
                Expectation.EFFECT,
                "/api/v1/events",
                "{\"key\":\"" + key + "\",\"value\":{\"it\":\"" + id + "\"}}",
                lane,
                sequence);
    }

    /** A message whose processing fails at the first levels. */
    static Message trial(int lane, long sequence, int failures) {
        String id = id(lane, sequence);
        String key = "trial-" + lane + "-" + failures;
        String text = "trial " + id;
        Expectation expectation = failures == 0
                ? Expectation.EFFECT
                : failures < LEVELS ? Expectation.EFFECT_AFTER_RETRIES : Expectation.DEAD_LETTER;
        return json(
                id,
                "trials",
                key,
                text,
                expectation,
                "/api/v1/events",
                "{\"topic\":\"trials\",\"key\":\"" + key + "\",\"value\":{\"text\":\"" + text + "\",\"failures\":"
                        + failures + "}}",
                lane,
                sequence);
    }

    private static String id(int lane, long sequence) {
        return lane + "-" + sequence + "-" + UUID.randomUUID();
    }

    private static Message json(
            String id,
            String topic,
            String key,
            String content,
            Expectation expectation,
            String path,
            String body,
            int lane,
            long sequence) {
        return new Message(
                id, topic, key, content, expectation, path, "application/json", body, "Message-ID", lane, sequence);
    }

    private Message encoded(String otherType, String otherBody) {
        return new Message(
                messageId, topic, key, content, expectation, path, otherType, otherBody, idHeader, lane, sequence);
    }

    /** The comment with another text. */
    Message withText(String text) {
        return new Message(
                messageId,
                topic,
                key,
                text,
                expectation,
                path,
                type,
                "{\"text\":\"" + text + "\"}",
                idHeader,
                lane,
                sequence);
    }

    /** Sends the MessageID as Idempotency-Key. */
    Message withIdempotencyKey() {
        return new Message(
                messageId, topic, key, content, expectation, path, type, body, "Idempotency-Key", lane, sequence);
    }
}
