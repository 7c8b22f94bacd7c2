package io.farrier.transport;

import java.io.IOException;

/** A gRPC server answered with a status that is not OK. The message is the server's own. */
public final class GrpcException extends IOException {
    public static final int OK = 0;
    public static final int NOT_FOUND = 5;
    public static final int UNIMPLEMENTED = 12;
    public static final int UNAVAILABLE = 14;

    private static final long serialVersionUID = 1L;

    private final int status;

    public GrpcException(String method, int status, String message) {
        super(message.isEmpty() ? method + " failed with gRPC status " + status : message);
        this.status = status;
    }

    /** As numbered in {@code grpc/doc/statuscodes.md}. */
    public int status() {
        return status;
    }
}
