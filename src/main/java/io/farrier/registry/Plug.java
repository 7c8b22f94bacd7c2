package io.farrier.registry;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.OptionalInt;

/** A TCP connection that remembers how the other side began, and still hears why it ended. */
final class Plug extends Socket {
    /** A TLS record's header, a ServerHello's, and the version in it; of anything else the first word. */
    private static final int REMEMBERED = 11;

    private static final char HANDSHAKE = 0x16; // RFC 8446 section 5.1
    private static final char SERVER_HELLO = 2; // RFC 8446 section 4
    private static final int TYPE = 5;
    private static final int VERSION = 9;
    private static final int TLS_1_2 = 0x0303; // TLS 1.3 says so, too

    private final StringBuilder first = new StringBuilder();

    /** One character for each byte. */
    String firstBytes() {
        return first.toString();
    }

    /** The version of a server that speaks an older TLS than any runtime does, as two bytes on the wire. */
    OptionalInt outdatedVersion() {
        if (first.length() < REMEMBERED || first.charAt(0) != HANDSHAKE || first.charAt(TYPE) != SERVER_HELLO) {
            return OptionalInt.empty();
        }
        int version = first.charAt(VERSION) << Byte.SIZE | first.charAt(VERSION + 1);
        return version < TLS_1_2 ? OptionalInt.of(version) : OptionalInt.empty();
    }

    /** What came until now was a proxy's. */
    void forget() {
        first.setLength(0);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                int one = super.read();
                if (one >= 0) {
                    remember((byte) one);
                }
                return one;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int count = super.read(into, offset, length);
                for (int i = 0; i < count && first.length() < REMEMBERED; i++) {
                    remember(into[offset + i]);
                }
                return count;
            }
        };
    }

    private void remember(byte one) {
        if (first.length() < REMEMBERED) {
            first.append((char) (one & 0xff));
        }
    }

    /**
     * Writing to a connection that was ended is no failure: with TLS 1.3 a server refuses a client certificate after the
     * handshake, and its alert lies there to be read while our request breaks off.
     */
    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException ended) {
                    // What is read next tells why.
                }
            }
        };
    }
}
