package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Fate;
import java.util.UUID;

/**
 * What a caller sends, and what must become of it.
 *
 * @param topic where its record belongs, as are {@code key}, {@code content} and {@code fate} of {@link Attempt}
 * @param idHeader the HTTP header that carries the MessageID
 * @param lane who sends it, as the {@code sequence}th of all its messages
 */
record Message(
        String messageId,
        String topic,
        String key,
        String content,
        Fate fate,
        String path,
        String type,
        String body,
        String idHeader,
        int lane,
        long sequence) {

    /** The levels of attempts in place, retry topics included, after which a message is a dead letter. */
    private static final int LEVELS = 4;

    private static final int LATE_EVERY = 20;

    /** Of an order whose second consumer fails before the first retry topic. */
    static final String LATE = "\"user_id\":\"late\"";

    static Message order(int lane, long sequence, String key) {
        String id = id(lane, sequence);
        String user = sequence % LATE_EVERY == 0 ? "late" : "u";
        String body = "{\"id\":\"" + key + "\",\"user_id\":\"" + user + "\",\"total\":" + sequence + ".50,\"status\":\""
                + id + "\",\"timestamp\":\"2025-10-06T17:00:00Z\"}";
        return json(id, "orders", key, body, Fate.EFFECT, "/order", body, lane, sequence);
    }

    static Message notification(int lane, long sequence, String user, boolean form) {
        String id = id(lane, sequence);
        String text = "for " + user + " " + id;
        Message message = json(
                id,
                "notifications",
                user,
                text,
                Fate.EFFECT,
                "/send",
                "{\"fromID\":1,\"toID\":" + user + ",\"message\":\"" + text + "\"}",
                lane,
                sequence);
        return form
                ? message.sent(
                        "application/x-www-form-urlencoded",
                        "fromID=1&toID=" + user + "&message=" + text.replace(' ', '+'))
                : message;
    }

    static Message comment(int lane, long sequence) {
        String id = id(lane, sequence);
        return json(id, "comments", null, "", Fate.EFFECT, "/api/v1/comments", "", lane, sequence)
                .saying("comment " + id);
    }

    static Message event(int lane, long sequence) {
        String id = id(lane, sequence);
        String key = "event-" + lane;
        return json(
                id,
                "events",
                key,
                null,
                Fate.EFFECT,
                "/api/v1/events",
                "{\"key\":\"" + key + "\",\"value\":{\"it\":\"" + id + "\"}}",
                lane,
                sequence);
    }

    /** A message whose processing fails at that many levels. */
    static Message trial(int lane, long sequence, int failures) {
        String id = id(lane, sequence);
        String key = "trial-" + lane + "-" + failures;
        String text = "trial " + id;
        Fate fate = failures == 0 ? Fate.EFFECT : failures < LEVELS ? Fate.EFFECT_AFTER_RETRIES : Fate.DEAD_LETTER;
        return json(
                id,
                "trials",
                key,
                text,
                fate,
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
            Fate fate,
            String path,
            String body,
            int lane,
            long sequence) {
        return new Message(id, topic, key, content, fate, path, "application/json", body, "Message-ID", lane, sequence);
    }

    private Message sent(String otherType, String otherBody) {
        return new Message(messageId, topic, key, content, fate, path, otherType, otherBody, idHeader, lane, sequence);
    }

    /** A comment, with that text. */
    Message saying(String text) {
        return new Message(
                messageId, topic, key, text, fate, path, type, "{\"text\":\"" + text + "\"}", idHeader, lane, sequence);
    }

    /** Its MessageID as the key under which its answer is kept. */
    Message keyed() {
        return new Message(messageId, topic, key, content, fate, path, type, body, "Idempotency-Key", lane, sequence);
    }
}
