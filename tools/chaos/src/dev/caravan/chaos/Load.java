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
 * Callers of every kind, and a foreign program that writes poison to the topics. Each lane sends one message after the
 * other, and repeats one whose outcome it does not know, with the same MessageID, until it knows.
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

    /** As large as a producer sends by default: what is added to it on its way to its dead-letter topic must fit too. */
    private static final byte[] LARGE_POISON = bytes("\"" + "x".repeat(1_048_000) + "\"");

    /** Percent of the messages, unless said otherwise. */
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
     * @param perSecond messages of all lanes together, at most
     * @param failing percent of them whose processing may fail at first
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

    /** Sends nothing more; returns when every lane knows what became of its last message, or has given up. */
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

    /** Waits, or until the load ends. */
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
            boolean goesOn = true;
            for (long sequence = 0; goesOn; sequence++) {
                goesOn = begin();
                long begun = System.nanoTime();
                try {
                    if (goesOn) {
                        one(lane, sequence, random);
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

    private void one(int lane, long sequence, Random random) throws InterruptedException {
        int dice = random.nextInt(100);
        if (dice < 3) {
            String topic =
                    List.of("comments", "orders", "notifications", "trials").get(random.nextInt(4));
            byte[] value = POISONS.get(random.nextInt(POISONS.size()));
            poison(topic, "poison-" + random.nextInt(8), value, lane, sequence, random);
        } else if (dice < 6) {
            untilKnown(Message.comment(lane, sequence).saying(""));
        } else if (dice < 10) {
            again(message(lane, sequence, random));
        } else if (dice < 12) {
            keyed(Message.comment(lane, sequence).keyed());
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

    /** The same message twice, the second time, where it is a comment, with another body. */
    private void again(Message message) throws InterruptedException {
        untilKnown(message);
        untilKnown(message.topic().equals("comments") ? message.saying(message.content() + " changed") : message);
    }

    /** The same Idempotency-Key: the answer is repeated; with another body it is refused. */
    private void keyed(Message message) throws InterruptedException {
        if (untilKnown(message) == Outcome.OK) {
            untilKnown(message);
            untilKnown(message.saying(message.content() + " changed"));
        }
    }

    /** @return OK or FAIL, or INFO when it has given up */
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

    /** Many poisoned records of every class, one behind the other on one partition. */
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
