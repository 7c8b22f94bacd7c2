package io.farrier.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A TCP connection between two processes that can be cut, or made slow. */
public final class Wire implements AutoCloseable {
    private static final int PIECE_BYTES = 16 << 10;

    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile long nanosPerPiece;
    private final AtomicLong passed = new AtomicLong();

    public Wire() throws IOException {
        daemon(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    public void leadTo(int port) {
        target = port;
    }

    /** Bytes that have gone from one side to the other. */
    public long passed() {
        return passed.get();
    }

    public void cut() {
        open.forEach(Wire::shut);
    }

    /** @param kilobytesPerSecond 0: as fast as it can */
    public void slowDown(int kilobytesPerSecond) {
        nanosPerPiece = kilobytesPerSecond == 0
                ? 0
                : TimeUnit.SECONDS.toNanos(1) / Math.max(1, kilobytesPerSecond * 1024L / PIECE_BYTES);
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                open.add(near);
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(far);
                daemon(() -> pump(near, far));
                daemon(() -> pump(far, near));
            } catch (IOException nobodyThere) {
                cut();
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] piece = new byte[PIECE_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
                out.write(piece, 0, got);
                passed.addAndGet(got);
                LockSupport.parkNanos(nanosPerPiece);
            }
        } catch (IOException gone) {
            // Cut, or one side ended.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyShut) {
            // As it should be.
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }
}
