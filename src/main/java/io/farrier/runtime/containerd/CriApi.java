package io.farrier.runtime.containerd;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.runtime.containerd.cri.VersionRequest;
import io.farrier.runtime.containerd.cri.VersionResponse;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Grpc;
import io.farrier.transport.GrpcException;
import io.farrier.transport.Http;
import io.farrier.transport.SilentPeerException;
import io.farrier.transport.UnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The Container Runtime Interface of one socket, in the version the runtime speaks. It is asked for at the first call and
 * again after the runtime was away: it may have been upgraded meanwhile.
 */
final class CriApi {
    static final Duration DEADLINE = Duration.ofSeconds(30);

    /** containerd 1.6 and 1.7 serve both, 2.x the first, up to 1.5 the second; the messages are the same on the wire. */
    private static final String[] VERSIONS = {"v1", "v1alpha2"};

    /** containerd 1.6 answers so, with status UNKNOWN, for a moment after its socket is there. */
    private static final String STARTING = "server is not initialized yet";

    private final Grpc grpc;
    private final Endpoint endpoint;
    private volatile @Nullable String version;

    CriApi(Http http, Path socket) {
        this.endpoint = new Endpoint.Unix(socket);
        this.grpc = new Grpc(http, endpoint);
    }

    /**
     * @param method {@code RuntimeService/Version}
     * @throws GrpcException with the runtime's words when it says no
     */
    <T> T call(String method, MessageLite request, Parser<T> parser, Duration deadline) throws IOException {
        return raw(version(), method, request, parser, deadline);
    }

    String version() throws IOException {
        String known = version;
        if (known != null) {
            return known;
        }
        String agreed = agree();
        version = agreed;
        return agreed;
    }

    private String agree() throws IOException {
        for (String candidate : VERSIONS) {
            try {
                VersionResponse answer = raw(
                        candidate,
                        "RuntimeService/Version",
                        VersionRequest.newBuilder().setVersion(candidate).build(),
                        VersionResponse.parser(),
                        DEADLINE);
                if (!answer.getRuntimeName().isEmpty()) {
                    return candidate;
                }
            } catch (GrpcException refusal) {
                if (refusal.status() != GrpcException.UNIMPLEMENTED) {
                    throw refusal;
                }
            }
        }
        throw new IOException("Tried " + endpoint + " for CRI v1 and v1alpha2 but it serves neither."
                + " Docker's own containerd looks like that: its CRI plugin is disabled.");
    }

    private <T> T raw(String version, String method, MessageLite request, Parser<T> parser, Duration deadline)
            throws IOException {
        try {
            return parser.parseFrom(grpc.call("runtime." + version + "." + method, request.toByteArray(), deadline));
        } catch (UnreachableException | SilentPeerException e) {
            throw unavailable(e);
        } catch (GrpcException e) {
            throw isNotReady(e) ? unavailable(e) : e;
        }
    }

    private static boolean isNotReady(GrpcException e) {
        return e.status() == GrpcException.UNAVAILABLE || STARTING.equals(e.getMessage());
    }

    private RuntimeUnavailableException unavailable(IOException cause) {
        version = null;
        return new RuntimeUnavailableException("The container runtime does not answer. " + cause.getMessage(), cause);
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
