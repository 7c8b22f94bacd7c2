package io.farrier.node;

import com.kenai.jffi.ArrayFlags;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;

/**
 * The few calls of the C library that the JDK does not offer, by the lowest layer of jnr: those above it write classes at
 * run time, which took a fifth of the agent's start only to say READY. Loaded when first needed: most commands never are.
 *
 * <p>Throws {@link LinkageError} where there is no native code for this machine, or none may be loaded.
 */
final class LibC {
    /** Longer ones do not fit into a sockaddr_un (unix(7)). */
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;

    /** Of linux/net.h: no child of ours inherits it. */
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int MSG_DONTWAIT = 0x40;

    /** Whoever is gone is an error, not a signal. */
    private static final int MSG_NOSIGNAL = 0x4000;

    /** From fcntl.h: the paths are absolute, so that this says nothing. */
    private static final int AT_FDCWD = -100;

    /** From linux/fs.h. */
    private static final int RENAME_EXCHANGE = 2;

    private static final Library LIBRARY = Library.getDefault();
    private static final Function SOCKET = function("socket", Type.SINT, Type.SINT, Type.SINT);
    private static final Function CLOSE = function("close", Type.SINT);
    private static final Function SENDTO =
            function("sendto", Type.SINT, Type.POINTER, Type.ULONG, Type.SINT, Type.POINTER, Type.UINT);

    private LibC() {}

    /** What glibc has since 2.28, and others have not. */
    private static final class Exchanging {
        static final Function RENAMEAT2 =
                function("renameat2", Type.SINT, Type.POINTER, Type.SINT, Type.POINTER, Type.UINT);
    }

    /** All of them return an int, and -1 with an errno when they fail. */
    private static Function function(String name, Type... parameters) {
        long address = LIBRARY.getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library of this machine has no " + name + "()");
        }
        return new Function(address, Type.SINT, parameters);
    }

    /**
     * One datagram, whole or not at all.
     *
     * @param socket a path, or {@code @name} for an abstract one, whose address starts with a zero byte
     * @param waits for room at the other side; else that there is none is an error
     */
    static void send(byte[] datagram, String socket, boolean waits) throws IOException {
        byte[] address = address(socket);
        int descriptor = openDatagramSocket();
        try {
            HeapInvocationBuffer call = new HeapInvocationBuffer(SENDTO);
            call.putInt(descriptor);
            call.putArray(datagram, 0, datagram.length, ArrayFlags.IN);
            call.putLong(datagram.length);
            call.putInt(waits ? MSG_NOSIGNAL : MSG_NOSIGNAL | MSG_DONTWAIT);
            call.putArray(address, 0, address.length, ArrayFlags.IN);
            call.putInt(address.length);
            if (Invoker.getInstance().invokeInt(SENDTO, call) < 0) {
                throw failure("send to " + socket);
            }
        } finally {
            close(descriptor);
        }
    }

    /** False where the file system cannot (NFS, a lower layer of an overlay), or one of them is a mount. */
    static boolean exchange(String one, String other) {
        byte[] first = string(one);
        byte[] second = string(other);
        HeapInvocationBuffer call = new HeapInvocationBuffer(Exchanging.RENAMEAT2);
        call.putInt(AT_FDCWD);
        call.putArray(first, 0, first.length, ArrayFlags.IN);
        call.putInt(AT_FDCWD);
        call.putArray(second, 0, second.length, ArrayFlags.IN);
        call.putInt(RENAME_EXCHANGE);
        return Invoker.getInstance().invokeInt(Exchanging.RENAMEAT2, call) == 0;
    }

    /** Whether {@link #exchange} can be called at all: true, or a {@link LinkageError}. */
    static boolean hasExchange() {
        return Exchanging.RENAMEAT2 != null;
    }

    private static int openDatagramSocket() throws IOException {
        HeapInvocationBuffer call = new HeapInvocationBuffer(SOCKET);
        call.putInt(AF_UNIX);
        call.putInt(SOCK_DGRAM | SOCK_CLOEXEC);
        call.putInt(0);
        int descriptor = Invoker.getInstance().invokeInt(SOCKET, call);
        if (descriptor < 0) {
            throw failure("open a socket");
        }
        return descriptor;
    }

    private static void close(int descriptor) {
        HeapInvocationBuffer call = new HeapInvocationBuffer(CLOSE);
        call.putInt(descriptor);
        Invoker.getInstance().invokeInt(CLOSE, call);
    }

    private static IOException failure(String what) {
        int errno = LastError.getInstance().get();
        return new IOException(
                "Tried to " + what + " and could not: " + Errno.valueOf(errno).description());
    }

    /** A sockaddr_un: the family, then the path with a zero byte behind it, or before an abstract name. */
    private static byte[] address(String socket) throws IOException {
        boolean isAbstract = socket.startsWith("@");
        byte[] path = (isAbstract ? "\0" + socket.substring(1) : socket).getBytes(StandardCharsets.UTF_8);
        if (path.length > MAX_SOCKET_PATH_BYTES) {
            throw new IOException("Tried to send to " + socket + ", but no socket has a name of more than "
                    + MAX_SOCKET_PATH_BYTES + " bytes.");
        }
        int length = Short.BYTES + path.length + (isAbstract ? 0 : 1);
        return ByteBuffer.allocate(length)
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_UNIX)
                .put(path)
                .array();
    }

    private static byte[] string(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
