package dev.caravan.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A network between two programs of this machine that can be made slow, silent or short of an answer. */
final class Proxy implements AutoCloseable {

    /** What PostgreSQL says of a transaction that it has committed: the tag of CommandComplete. */
    private static final byte[] COMMITTED = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private volatile int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cutsLeft = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();
    private boolean silent;
    private volatile long delayMillis;
    /** Connections of earlier generations are dead: they stay open, and nothing comes through. */
    private volatile int generation;

    private Proxy(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
    }

    static Proxy start(int port, int target) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Proxy proxy = new Proxy(server, target);
        daemon(proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Each piece that is read waits this long before it goes on. */
    void delay(Duration delay) {
        delayMillis = delay.toMillis();
    }

    /** Takes connections and what they send, and hands nothing on until it is told to. */
    void silent(boolean now) {
        lock.lock();
        try {
            silent = now;
            heard.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on another server has this address; the present connections stay with the one that they have. */
    void moveTo(int port) {
        target = port;
    }

    /** The same, and the present connections stay open without an end that anybody would tell: the host vanished. */
    void vanishTo(int port) {
        target = port;
        generation++;
    }

    /** The next so many commits take place, and their connections end before the client is told. */
    void cutAfterCommit(int times) {
        cutsLeft.set(times);
    }

    int cutsLeft() {
        return cutsLeft.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                daemon(() -> connect(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket client) {
        try {
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(upstream);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            int born = generation;
            daemon(() -> pump(client, upstream, false, born));
            pump(upstream, client, true, born);
        } catch (IOException e) {
            close(client);
        }
    }

    private void pump(Socket from, Socket to, boolean answers, int born) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (delayMillis > 0) {
                    Thread.sleep(delayMillis);
                }
                untilHeard();
                if (born != generation) {
                    continue;
                }
                if (answers && says(buffer, read) && cutsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    break;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // Either end is gone: so is the other.
        } finally {
            if (born == generation) {
                close(from);
                close(to);
            }
        }
    }

    private void untilHeard() throws InterruptedException {
        lock.lock();
        try {
            while (silent) {
                heard.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean says(byte[] buffer, int length) {
        if (cutsLeft.get() == 0) {
            return false;
        }
        for (int at = 0; at + COMMITTED.length <= length; at++) {
            int same = 0;
            while (same < COMMITTED.length && buffer[at + same] == COMMITTED[same]) {
                same++;
            }
            if (same == COMMITTED.length) {
                return true;
            }
        }
        return false;
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "chaos-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        silent(false);
        server.close();
        sockets.forEach(this::close);
    }
}
