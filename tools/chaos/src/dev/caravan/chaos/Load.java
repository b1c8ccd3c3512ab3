package dev.caravan.chaos;

import dev.caravan.chaos.Attempt.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sends messages of every kind, and poisoned records directly to the topics. Each lane sends one message after the other, and repeats a
 * message whose outcome is unknown with the same MessageID.
 */
final class Load implements AutoCloseable {

    private static final long GIVE_UP_MILLIS = 60_000;
    private static final long REPEAT_NANOS = 200_000_000;
    private static final int USERS = 4;
    private static final int KEYS_OF_A_LANE = 3;
    /** Null is a tombstone. */
    private static final List<byte[]> POISONS = Arrays.asList(
            null,
            new byte[0],
            bytes("not JSON"),
            bytes("{\"text\":"),
            bytes("[]"),
            bytes("{\"id\":7}"),
            bytes("{\"text\":\"\"}"),
            bytes("[".repeat(2_000)),
            bytes("1e999999999"),
            bytes("\"\\ud800\""),
            new byte[] {(byte) 0xff, (byte) 0xfe, 0, 10, 13});

    /** As large as a producer sends by default: in the dead-letter topic, added headers must fit too. */
    private static final byte[] LARGE_POISON = bytes("\"" + "x".repeat(1_048_000) + "\"");

    /** Default percentage of messages whose processing may fail at first. */
    static final int FAILING = 15;

    private final Caller caller;
    private final int failing;
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean open;
    private boolean ended;
    private int busy;
    private long inARow;

    /**
     * @param perSecond maximum number of messages of all lanes together
     * @param failing percentage of them whose processing may fail at first
     */
    Load(Caller caller, long seed, int lanes, int perSecond, int failing) {
        this.caller = caller;
        this.failing = failing;
        long everyNanos = 1_000_000_000L * lanes / perSecond;
        for (int i = 0; i < lanes; i++) {
            int lane = i;
            threads.add(new Thread(() -> run(lane, new Random(seed * 31 + lane), everyNanos), "lane-" + lane));
        }
        threads.forEach(Thread::start);
    }

    void open() {
        change(true);
    }

    /** Stops sending. Returns when every lane knows the outcome of its last message or has given up. */
    void settle() throws InterruptedException {
        change(false);
        lock.lock();
        try {
            while (busy > 0) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void change(boolean now) {
        lock.lock();
        try {
            open = now;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean begin() throws InterruptedException {
        lock.lock();
        try {
            while (!open && !ended) {
                changed.await();
            }
            busy++;
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    private void done() {
        lock.lock();
        try {
            busy--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for this time, or until the load ends. */
    private void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !ended) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void run(int lane, Random random, long everyNanos) {
        try {
            boolean running = true;
            for (long sequence = 0; running; sequence++) {
                running = begin();
                long begun = System.nanoTime();
                try {
                    if (running) {
                        sendOne(lane, sequence, random);
                    }
                } finally {
                    done();
                }
                pause(everyNanos - (System.nanoTime() - begun));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendOne(int lane, long sequence, Random random) throws InterruptedException {
        int dice = random.nextInt(100);
        if (dice < 3) {
            String topic =
                    List.of("comments", "orders", "notifications", "trials").get(random.nextInt(4));
            byte[] value = POISONS.get(random.nextInt(POISONS.size()));
            poison(topic, "poison-" + random.nextInt(8), value, lane, sequence, random);
        } else if (dice < 6) {
            untilKnown(Message.comment(lane, sequence).withText(""));
        } else if (dice < 10) {
            sendTwice(message(lane, sequence, random));
        } else if (dice < 12) {
            repeatKey(Message.comment(lane, sequence).withIdempotencyKey());
        } else {
            untilKnown(message(lane, sequence, random));
        }
    }

    private Message message(int lane, long sequence, Random random) {
        if (random.nextInt(100) < failing) {
            return Message.trial(lane, sequence, random.nextInt(5));
        }
        int dice = random.nextInt(85);
        if (dice < 30) {
            return Message.order(lane, sequence, "order-" + lane + "-" + random.nextInt(KEYS_OF_A_LANE));
        }
        if (dice < 60) {
            String user = Integer.toString(1 + random.nextInt(USERS));
            return Message.notification(lane, sequence, user, random.nextBoolean());
        }
        if (dice < 75) {
            return Message.comment(lane, sequence);
        }
        return Message.event(lane, sequence);
    }

    /** Sends a message twice; a comment has another body the second time. */
    private void sendTwice(Message message) throws InterruptedException {
        untilKnown(message);
        untilKnown(message.topic().equals("comments") ? message.withText(message.content() + " changed") : message);
    }

    /** Repeats an Idempotency-Key with the same body, and with another one, which must be rejected. */
    private void repeatKey(Message message) throws InterruptedException {
        if (untilKnown(message) == Outcome.OK) {
            untilKnown(message);
            untilKnown(message.withText(message.content() + " changed"));
        }
    }

    /** @return OK or FAIL, or INFO after giving up */
    private Outcome untilKnown(Message message) throws InterruptedException {
        long begun = System.currentTimeMillis();
        while (true) {
            Outcome outcome = caller.attempt(message);
            if (outcome != Outcome.INFO || ended || System.currentTimeMillis() - begun > GIVE_UP_MILLIS) {
                return outcome;
            }
            pause(REPEAT_NANOS);
        }
    }

    /** Writes consecutive poisoned records of every kind to one partition. */
    void poisonInARow(int count, Random random) {
        for (int i = 0; i < count; i++) {
            byte[] value = i == 0 ? LARGE_POISON : POISONS.get(i % POISONS.size());
            poison("orders", "in-a-row", value, -1, inARow++, random);
        }
    }

    private void poison(String topic, String key, byte[] value, int lane, long sequence, Random random) {
        String id = random.nextBoolean() ? "poison-" + lane + "-" + sequence + "-" + random.nextLong() : null;
        caller.poison(id, topic, key, value, lane, sequence);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
