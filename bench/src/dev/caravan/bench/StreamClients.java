package dev.caravan.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Clients with one live inbox each, all read by one thread. The users' ids are 1, 2, 3 … */
final class StreamClients implements AutoCloseable {

    private static final Pattern MESSAGE = Pattern.compile("\"message\":\"(\\d+)\"");
    private static final String COUNT = "event: count";
    private static final int OPENING = 200;
    private static final int CHUNK = 64 * 1024;

    private final Selector selector = Selector.open();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final Queue<SocketChannel> opened = new ConcurrentLinkedQueue<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final BiConsumer<Integer, Long> arrived;
    private final Thread reader = new Thread(this::read, "stream-clients");
    private volatile boolean closed;

    private StreamClients(BiConsumer<Integer, Long> arrived) throws IOException {
        this.arrived = arrived;
    }

    /**
     * Returns when each stream has sent its count.
     *
     * @param arrived called with the number in a notification's message, and its time of {@link System#nanoTime}
     */
    static StreamClients open(ProgramProcess caravan, int count, BiConsumer<Integer, Long> arrived) throws Exception {
        StreamClients clients = new StreamClients(arrived);
        URI server = URI.create(caravan.url("/"));
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(server.getHost()), server.getPort());
        clients.reader.start();
        for (int user = 1; user <= count; user++) {
            SocketChannel channel = SocketChannel.open(address);
            String request = "GET /notifications/" + user + "/stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            channel.configureBlocking(false);
            clients.channels.add(channel);
            clients.opened.add(channel);
            // A stream that has not begun counts as a request in flight, whose number is limited.
            int least = user - OPENING;
            Polling.until(Duration.ofMinutes(1), "streams", () -> clients.begun.get() >= least);
        }
        Polling.until(Duration.ofMinutes(2), count + " streams", () -> clients.begun.get() == count);
        return clients;
    }

    int ended() {
        return ended.get();
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        try {
            while (!closed) {
                selector.select(10);
                // On this thread, because registration blocks during a selection.
                for (SocketChannel each = opened.poll(); each != null; each = opened.poll()) {
                    each.register(selector, SelectionKey.OP_READ, "");
                }
                long now = System.nanoTime();
                for (SelectionKey key : selector.selectedKeys()) {
                    take(key, buffer.clear(), now);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void take(SelectionKey key, ByteBuffer buffer, long now) throws IOException {
        if (((SocketChannel) key.channel()).read(buffer) < 0) {
            ended.incrementAndGet();
            key.cancel();
            return;
        }
        String text = key.attachment() + new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        int whole = text.lastIndexOf("\n\n") + 1;
        String events = text.substring(0, whole);
        key.attach(text.substring(whole));
        if (events.contains(COUNT)) {
            begun.incrementAndGet();
        }
        Matcher messages = MESSAGE.matcher(events);
        while (messages.find()) {
            arrived.accept(Integer.parseInt(messages.group(1)), now);
        }
    }

    @Override
    public void close() throws Exception {
        closed = true;
        reader.join();
        for (SocketChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }
}
