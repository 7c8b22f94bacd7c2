package io.farrier.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/** A call of many messages, in step: one is sent, its answer is read, and so on. Closing it early cancels it. */
public final class GrpcCall implements AutoCloseable {
    private final String method;
    private final Upload upload;
    private final Duration idle;
    private byte[] unread = new byte[0];

    GrpcCall(String method, Upload upload, Duration idle) {
        this.method = method;
        this.upload = upload;
        this.idle = idle;
    }

    /** When the server has ended the call meanwhile, {@link #receive} says why. */
    public void send(byte[] message) throws IOException {
        byte[] framed = Grpc.framed(message);
        upload.write(framed, framed.length);
    }

    /** Says that no more messages follow. */
    public void end() {
        upload.end();
    }

    /**
     * The next message; empty when the server has ended the call well.
     *
     * @throws GrpcException when it ended with another status than OK
     */
    public Optional<byte[]> receive() throws IOException {
        HttpStream stream = upload.answer();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(unread);
        while (!isWhole(bytes)) {
            Optional<byte[]> chunk = stream.read(idle);
            if (chunk.isEmpty()) {
                Grpc.check(stream, method);
                return Optional.empty();
            }
            bytes.write(chunk.get());
        }
        return Optional.of(first(bytes.toByteArray()));
    }

    private boolean isWhole(ByteArrayOutputStream bytes) throws IOException {
        if (bytes.size() < Grpc.PREFIX_BYTES) {
            return false;
        }
        int length = lengthOf(bytes.toByteArray());
        if (length < 0 || length > Grpc.MAX_MESSAGE_BYTES) {
            throw new IOException(method + " answered with a message of " + length + " bytes.");
        }
        return bytes.size() >= Grpc.PREFIX_BYTES + length;
    }

    private byte[] first(byte[] bytes) {
        int length = lengthOf(bytes);
        byte[] message = new byte[length];
        System.arraycopy(bytes, Grpc.PREFIX_BYTES, message, 0, length);
        unread = new byte[bytes.length - Grpc.PREFIX_BYTES - length];
        System.arraycopy(bytes, Grpc.PREFIX_BYTES + length, unread, 0, unread.length);
        return message;
    }

    private static int lengthOf(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getInt(1);
    }

    @Override
    public void close() {
        upload.close();
    }
}
