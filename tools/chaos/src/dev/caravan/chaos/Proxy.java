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

/** A TCP proxy that can delay or drop data, and cut connections. */
final class Proxy implements AutoCloseable {

    /** The tag of PostgreSQL's CommandComplete message for a commit. */
    private static final String COMMITTED = "COMMIT\0";

    private final ServerSocket server;
    private volatile int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cutsLeft = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resumed = lock.newCondition();
    private boolean silent;
    private volatile long delayMillis;
    /** Connections of earlier generations stay open and transfer nothing. */
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

    /** Delays each read by this time. */
    void delay(Duration delay) {
        delayMillis = delay.toMillis();
    }

    /** While silent, accepts connections and data but forwards nothing. */
    void silent(boolean now) {
        lock.lock();
        try {
            silent = now;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forwards new connections to another server. Existing ones stay with theirs. */
    void moveTo(int port) {
        target = port;
    }

    /** Forwards new connections to another server. Existing ones stay open and transfer nothing, as after the loss of a host. */
    void vanishTo(int port) {
        target = port;
        generation++;
    }

    /** Cuts the connection after each of the next commits, before the client gets the acknowledgement. */
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
            int current = generation;
            daemon(() -> pump(client, upstream, false, current));
            pump(upstream, client, true, current);
        } catch (IOException e) {
            close(client);
        }
    }

    private void pump(Socket from, Socket to, boolean fromServer, int born) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (delayMillis > 0) {
                    Thread.sleep(delayMillis);
                }
                awaitResumed();
                if (born != generation) {
                    continue;
                }
                if (fromServer && isCommit(buffer, read) && cutsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    break;
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // Closed by either end.
        } finally {
            if (born == generation) {
                close(from);
                close(to);
            }
        }
    }

    private void awaitResumed() throws InterruptedException {
        lock.lock();
        try {
            while (silent) {
                resumed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isCommit(byte[] buffer, int length) {
        return cutsLeft.get() > 0 && new String(buffer, 0, length, StandardCharsets.ISO_8859_1).contains(COMMITTED);
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // Already closed.
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
