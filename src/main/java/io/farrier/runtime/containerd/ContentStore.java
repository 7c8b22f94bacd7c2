package io.farrier.runtime.containerd;

import com.google.protobuf.ByteString;
import io.farrier.image.Blob;
import io.farrier.runtime.containerd.services.CreateLeaseRequest;
import io.farrier.runtime.containerd.services.CreateLeaseResponse;
import io.farrier.runtime.containerd.services.DeleteLeaseRequest;
import io.farrier.runtime.containerd.services.Empty;
import io.farrier.runtime.containerd.services.FieldMask;
import io.farrier.runtime.containerd.services.Info;
import io.farrier.runtime.containerd.services.InfoRequest;
import io.farrier.runtime.containerd.services.InfoResponse;
import io.farrier.runtime.containerd.services.ListStatusesRequest;
import io.farrier.runtime.containerd.services.ListStatusesResponse;
import io.farrier.runtime.containerd.services.Status;
import io.farrier.runtime.containerd.services.UpdateRequest;
import io.farrier.runtime.containerd.services.UpdateResponse;
import io.farrier.runtime.containerd.services.WriteAction;
import io.farrier.runtime.containerd.services.WriteContentRequest;
import io.farrier.runtime.containerd.services.WriteContentResponse;
import io.farrier.transport.GrpcCall;
import io.farrier.transport.GrpcException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** containerd's content: bytes by their digest, kept as long as a name, a label or a lease leads to them. */
final class ContentStore {
    /** One message; below gRPC's own limit of 4 MiB, and what an import holds in memory. */
    private static final int PIECE_BYTES = 1 << 20;

    /** Long enough for an import of any size; a lease that nobody ended is forgotten then. */
    private static final Duration LEASE = Duration.ofHours(6);

    private static final Duration WRITE_IDLE = Duration.ofMinutes(2);

    private final ContainerdApi api;

    ContentStore(ContainerdApi api) {
        this.api = api;
    }

    ContentStore under(String lease) {
        return new ContentStore(api.under(lease));
    }

    void lease(String id, Clock clock) throws IOException {
        String end = clock.instant().plus(LEASE).truncatedTo(ChronoUnit.SECONDS).toString();
        api.call(
                "leases.v1.Leases/Create",
                CreateLeaseRequest.newBuilder()
                        .setId(id)
                        .putLabels("containerd.io/gc.expire", end)
                        .build(),
                CreateLeaseResponse.parser());
    }

    void endLease(String id) throws IOException {
        api.call(
                "leases.v1.Leases/Delete",
                DeleteLeaseRequest.newBuilder().setId(id).build(),
                Empty.parser());
    }

    /** What is being written just now, by whomever: a pull of CRI shows its layers here and nowhere else. */
    List<Status> inProgress() throws IOException {
        return api.call(
                        "content.v1.Content/ListStatuses",
                        ListStatusesRequest.getDefaultInstance(),
                        ListStatusesResponse.parser())
                .getStatusesList();
    }

    boolean has(Blob blob) throws IOException {
        try {
            api.call(
                    "content.v1.Content/Info",
                    InfoRequest.newBuilder().setDigest(blob.digest()).build(),
                    InfoResponse.parser());
            return true;
        } catch (GrpcException refusal) {
            if (refusal.status() == GrpcException.NOT_FOUND) {
                return false;
            }
            throw refusal;
        }
    }

    /** Labels of content that is there, added to those it has: {@code containerd.io/gc.ref.content...} holds others. */
    void label(Blob blob, Map<String, String> labels) throws IOException {
        FieldMask.Builder mask = FieldMask.newBuilder();
        labels.keySet().forEach(key -> mask.addPaths("labels." + key));
        api.call(
                "content.v1.Content/Update",
                UpdateRequest.newBuilder()
                        .setInfo(Info.newBuilder().setDigest(blob.digest()).putAllLabels(labels))
                        .setUpdateMask(mask)
                        .build(),
                UpdateResponse.parser());
    }

    /** containerd checks size and digest at the end; what was written before a failure is continued by the next try. */
    void write(Blob blob, InputStream bytes) throws IOException {
        try (GrpcCall call = api.open("content.v1.Content/Write", WRITE_IDLE)) {
            long offset = ask(call, message(blob, WriteAction.STAT).build()).getOffset();
            bytes.skipNBytes(offset);
            byte[] piece = new byte[PIECE_BYTES];
            for (int read = bytes.readNBytes(piece, 0, piece.length);
                    read > 0;
                    read = bytes.readNBytes(piece, 0, piece.length)) {
                offset = ask(
                                call,
                                message(blob, WriteAction.WRITE)
                                        .setOffset(offset)
                                        .setData(ByteString.copyFrom(piece, 0, read))
                                        .build())
                        .getOffset();
            }
            ask(call, message(blob, WriteAction.COMMIT).setOffset(offset).build());
            call.end();
        } catch (GrpcException refusal) {
            if (refusal.status() != ContainerdApi.ALREADY_EXISTS) {
                throw refusal;
            }
        }
    }

    private static WriteContentRequest.Builder message(Blob blob, WriteAction action) {
        return WriteContentRequest.newBuilder()
                .setAction(action)
                .setRef("farrier-" + blob.digest())
                .setTotal(blob.size())
                .setExpected(blob.digest());
    }

    private static WriteContentResponse ask(GrpcCall call, WriteContentRequest request) throws IOException {
        call.send(request.toByteArray());
        byte[] answer =
                call.receive().orElseThrow(() -> new EOFException("containerd ended a write before it was committed."));
        return WriteContentResponse.parseFrom(answer);
    }
}
