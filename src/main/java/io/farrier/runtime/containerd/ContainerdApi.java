package io.farrier.runtime.containerd;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Grpc;
import io.farrier.transport.GrpcCall;
import io.farrier.transport.GrpcException;
import io.farrier.transport.Http;
import io.farrier.transport.SilentPeerException;
import io.farrier.transport.UnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** containerd's own services, which its clients use beside CRI; always in the namespace of Kubernetes. */
final class ContainerdApi {
    static final int ALREADY_EXISTS = 6;

    private static final String NAMESPACE = "k8s.io";

    private final Grpc grpc;

    ContainerdApi(Http http, Path socket) {
        this(new Grpc(http, new Endpoint.Unix(socket)).with(Map.of("containerd-namespace", NAMESPACE)));
    }

    private ContainerdApi(Grpc grpc) {
        this.grpc = grpc;
    }

    /** The same, and what is written belongs to a lease: the garbage collector leaves it alone meanwhile. */
    ContainerdApi under(String lease) {
        Map<String, String> metadata = new HashMap<>(Map.of("containerd-namespace", NAMESPACE));
        metadata.put("containerd-lease", lease);
        return new ContainerdApi(grpc.with(metadata));
    }

    /** @param method {@code images.v1.Images/Get} */
    <T> T call(String method, MessageLite request, Parser<T> parser) throws IOException {
        try {
            return parser.parseFrom(grpc.call(name(method), request.toByteArray(), CriApi.DEADLINE));
        } catch (IOException e) {
            throw translated(e);
        }
    }

    GrpcCall open(String method, Duration idle) throws IOException {
        try {
            return grpc.open(name(method), idle);
        } catch (IOException e) {
            throw translated(e);
        }
    }

    private static String name(String method) {
        return "containerd.services." + method;
    }

    private static IOException translated(IOException e) {
        boolean isAway = e instanceof UnreachableException
                || e instanceof SilentPeerException
                || (e instanceof GrpcException refusal && refusal.status() == GrpcException.UNAVAILABLE);
        return isAway
                ? new RuntimeUnavailableException("The container runtime does not answer. " + e.getMessage(), e)
                : e;
    }
}
