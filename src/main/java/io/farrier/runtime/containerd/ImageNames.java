package io.farrier.runtime.containerd;

import com.google.protobuf.Parser;
import io.farrier.image.ImageId;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.runtime.containerd.services.CreateImageRequest;
import io.farrier.runtime.containerd.services.CreateImageResponse;
import io.farrier.runtime.containerd.services.Descriptor;
import io.farrier.runtime.containerd.services.FieldMask;
import io.farrier.runtime.containerd.services.GetImageRequest;
import io.farrier.runtime.containerd.services.GetImageResponse;
import io.farrier.runtime.containerd.services.Image;
import io.farrier.runtime.containerd.services.ListImagesRequest;
import io.farrier.runtime.containerd.services.ListImagesResponse;
import io.farrier.runtime.containerd.services.UpdateImageRequest;
import io.farrier.runtime.containerd.services.UpdateImageResponse;
import io.farrier.transport.GrpcException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * containerd's image service: names that point to content. CRI has three of them for one image, by tag, by digest and
 * {@code sha256:<configuration>}, and follows what others change here.
 */
final class ImageNames {
    /** Read by CRI of 1.7 and newer, and told to the kubelet, whose garbage collector then passes the image over. */
    static final String PINNED = "io.cri-containerd.pinned";

    /** Tells our pins from those of k3s and of people; k3s itself does it so ({@code io.cattle.k3s.pinned}). */
    static final String PINNED_BY_US = "io.farrier.pinned";

    private static final Map<String, String> OF_CRI = Map.of("io.cri-containerd.image", "managed");
    private static final String YES = "pinned";

    private final ContainerdApi api;

    ImageNames(ContainerdApi api) {
        this.api = api;
    }

    void tag(ImageId id, Reference name) throws IOException {
        Image source = find(id.value())
                .orElseThrow(() -> new IOException(
                        "Tried to tag " + id + " as " + name + " but containerd has no image of that id."));
        put(name.toString(), source.getTarget());
    }

    /** Makes {@code name} point to {@code target}, whatever it pointed to before. */
    void put(String name, Descriptor target) throws IOException {
        Image image = Image.newBuilder()
                .setName(name)
                .putAllLabels(OF_CRI)
                .setTarget(target)
                .build();
        try {
            call("Create", CreateImageRequest.newBuilder().setImage(image).build(), CreateImageResponse.parser());
        } catch (GrpcException refusal) {
            if (refusal.status() != ContainerdApi.ALREADY_EXISTS) {
                throw refusal;
            }
            update(image, "target");
        }
    }

    void pin(Reference reference) throws IOException {
        Image image = find(reference.toString())
                .orElseThrow(() ->
                        new IOException("Tried to pin " + reference + " but containerd has no image of that name."));
        boolean isPinnedByOthers = YES.equals(image.getLabelsMap().get(PINNED))
                && !YES.equals(image.getLabelsMap().get(PINNED_BY_US));
        if (isPinnedByOthers) {
            return;
        }
        update(
                image.toBuilder()
                        .putLabels(PINNED, YES)
                        .putLabels(PINNED_BY_US, YES)
                        .build(),
                "labels." + PINNED,
                "labels." + PINNED_BY_US);
    }

    void unpin(Reference reference) throws IOException {
        Optional<Image> image = find(reference.toString());
        if (image.isEmpty() || !YES.equals(image.get().getLabelsMap().get(PINNED_BY_US))) {
            return;
        }
        Map<String, String> labels = new TreeMap<>(image.get().getLabelsMap());
        labels.remove(PINNED);
        labels.remove(PINNED_BY_US);
        update(image.get().toBuilder().clearLabels().putAllLabels(labels).build(), "labels");
    }

    Set<Reference> pinned() throws IOException {
        ListImagesRequest ours = ListImagesRequest.newBuilder()
                .addFilters("labels.\"" + PINNED_BY_US + "\"==" + YES)
                .build();
        Set<Reference> pinned = new LinkedHashSet<>();
        for (Image image : call("List", ours, ListImagesResponse.parser()).getImagesList()) {
            try {
                pinned.add(Reference.parse(image.getName()));
            } catch (InvalidReferenceException isAnId) {
                // Only names by tag or digest are ours to pin.
            }
        }
        return pinned;
    }

    private Optional<Image> find(String name) throws IOException {
        try {
            return Optional.of(
                    call("Get", GetImageRequest.newBuilder().setName(name).build(), GetImageResponse.parser())
                            .getImage());
        } catch (GrpcException refusal) {
            if (refusal.status() == GrpcException.NOT_FOUND) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    private void update(Image image, String... paths) throws IOException {
        FieldMask mask =
                FieldMask.newBuilder().addAllPaths(java.util.List.of(paths)).build();
        call(
                "Update",
                UpdateImageRequest.newBuilder()
                        .setImage(image)
                        .setUpdateMask(mask)
                        .build(),
                UpdateImageResponse.parser());
    }

    private <T> T call(String method, com.google.protobuf.MessageLite request, Parser<T> parser) throws IOException {
        return api.call("images.v1.Images/" + method, request, parser);
    }
}
