package io.farrier.runtime.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.node.Commands;
import io.farrier.node.Processes;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Images;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.containerd.cri.AuthConfig;
import io.farrier.runtime.containerd.cri.Image;
import io.farrier.runtime.containerd.cri.ImageSpec;
import io.farrier.runtime.containerd.cri.ImageStatusRequest;
import io.farrier.runtime.containerd.cri.ImageStatusResponse;
import io.farrier.runtime.containerd.cri.ListImagesRequest;
import io.farrier.runtime.containerd.cri.ListImagesResponse;
import io.farrier.runtime.containerd.cri.PullImageRequest;
import io.farrier.runtime.containerd.cri.PullImageResponse;
import io.farrier.runtime.containerd.cri.RemoveImageRequest;
import io.farrier.runtime.containerd.cri.RemoveImageResponse;
import io.farrier.runtime.containerd.cri.StatusRequest;
import io.farrier.runtime.containerd.cri.StatusResponse;
import io.farrier.runtime.containerd.cri.VersionRequest;
import io.farrier.runtime.containerd.cri.VersionResponse;
import io.farrier.sample.ContainerSample;
import io.farrier.transport.Http;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** containerd, or whatever else serves CRI, behind its socket. */
public final class CriRuntime implements ContainerRuntime {
    /** A pull may take as long as it moves; {@link CriPull} ends one that does not. */
    private static final Duration PULL_DEADLINE = Duration.ofHours(24);

    /** CRI follows containerd's events; it has been seen to need milliseconds. */
    private static final Duration NAME_APPEARS = Duration.ofSeconds(15);

    private static final long LOOK_MILLIS = 20;

    /** CRI of 1.6 has no events; two lists every few seconds cost it a few milliseconds. */
    private static final Duration POLL = Duration.ofSeconds(3);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final SandboxImage sandbox;
    private final CriApi api;
    private final ImageNames names;
    private final ContentStore content;
    private final ContainerTable containers;
    private final List<CriWatch> watches = new CopyOnWriteArrayList<>();

    /** @param commands for what containerd's own program alone can say */
    public CriRuntime(Http http, Path socket, Commands commands) {
        this.sandbox = new SandboxImage(new Processes(commands), commands, socket);
        this.api = new CriApi(http, socket);
        ContainerdApi containerd = new ContainerdApi(http, socket);
        this.names = new ImageNames(containerd);
        this.content = new ContentStore(containerd);
        this.containers = new ContainerTable(api);
    }

    @Override
    public RuntimeInfo info() throws IOException {
        VersionResponse version = api.call(
                "RuntimeService/Version",
                VersionRequest.getDefaultInstance(),
                VersionResponse.parser(),
                CriApi.DEADLINE);
        JsonNode config = config();
        return new RuntimeInfo(
                version.getRuntimeName(),
                version.getRuntimeVersion(),
                api.version(),
                text(config.path("containerdRootDir")),
                Optional.empty(),
                text(config.path("sandboxImage")).or(sandbox::find));
    }

    /** containerd shows its effective configuration in a verbose status; other runtimes may not. */
    private JsonNode config() throws IOException {
        StatusResponse status = api.call(
                "RuntimeService/Status",
                StatusRequest.newBuilder().setVerbose(true).build(),
                StatusResponse.parser(),
                CriApi.DEADLINE);
        return MAPPER.readTree(status.getInfoMap().getOrDefault("config", "{}"));
    }

    private static Optional<String> text(JsonNode value) {
        return Optional.of(value.asText()).filter(text -> !text.isEmpty());
    }

    @Override
    public Optional<LocalImage> find(Reference reference) throws IOException {
        ImageStatusResponse answer = api.call(
                "ImageService/ImageStatus",
                ImageStatusRequest.newBuilder().setImage(spec(reference)).build(),
                ImageStatusResponse.parser(),
                CriApi.DEADLINE);
        return answer.hasImage()
                ? Optional.of(local(answer.getImage())).filter(found -> found.hasTagOf(reference))
                : Optional.empty();
    }

    @Override
    public List<LocalImage> images() throws IOException {
        return api
                .call(
                        "ImageService/ListImages",
                        ListImagesRequest.getDefaultInstance(),
                        ListImagesResponse.parser(),
                        CriApi.DEADLINE)
                .getImagesList()
                .stream()
                .map(CriRuntime::local)
                .toList();
    }

    private static LocalImage local(Image image) {
        return LocalImage.named(
                image.getId(), image.getRepoTagsList(), image.getRepoDigestsList(), image.getSize(), image.getPinned());
    }

    /** By digest where there is one: containerd drops the tag then (ParseDockerRef). */
    private static ImageSpec spec(Reference reference) {
        return ImageSpec.newBuilder().setImage(reference.toString()).build();
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
        Reference reference = request.reference();
        new CriPull(content, request, listener)
                .run(() -> api.call(
                        "ImageService/PullImage", question(request), PullImageResponse.parser(), PULL_DEADLINE));
        if (reference.digest().isPresent() && reference.tag().isPresent()) {
            // A pull by digest sets no tag; who asked for both gets both.
            tag(get(reference.withoutTag()).id(), reference.withoutDigest());
        }
        watches.forEach(CriWatch::touch);
        return get(reference);
    }

    private LocalImage get(Reference reference) throws IOException {
        return find(reference)
                .orElseThrow(() -> new IOException("The runtime ended the pull of " + reference
                        + " without an error, and the image is not there. Was it removed at the same time?"));
    }

    /** The credentials go to their own registry or nowhere. */
    private static PullImageRequest question(PullRequest request) {
        PullImageRequest.Builder question = PullImageRequest.newBuilder().setImage(spec(request.reference()));
        request.credentials()
                .filter(c -> c.host().equals(request.reference().registry()))
                .ifPresent(c -> question.setAuth(AuthConfig.newBuilder()
                        .setUsername(c.username())
                        .setPassword(c.password().reveal())
                        .setServerAddress(c.host().value())));
        return question.build();
    }

    @Override
    public void tag(ImageId id, Reference name) throws IOException {
        names.tag(id, name);
        await(name);
        watches.forEach(CriWatch::touch);
    }

    /** What containerd knows CRI knows a moment later, by an event. */
    private void await(Reference name) throws IOException {
        long end = System.nanoTime() + NAME_APPEARS.toNanos();
        while (find(name).isEmpty()) {
            if (System.nanoTime() > end) {
                throw new IOException("containerd has " + name + " but CRI does not show it after "
                        + NAME_APPEARS.toSeconds() + " s. Is its CRI plugin disabled?");
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("waiting for a name was interrupted");
        }
    }

    @Override
    public void pin(Reference reference) throws IOException {
        names.pin(reference);
    }

    @Override
    public Optional<ManifestDigest> lookAtRegistry(PullRequest request) {
        return Optional.empty();
    }

    /** CRI removes an image under all its names. */
    @Override
    public void remove(Reference reference) throws IOException {
        api.call(
                "ImageService/RemoveImage",
                RemoveImageRequest.newBuilder().setImage(spec(reference)).build(),
                RemoveImageResponse.parser(),
                CriApi.DEADLINE);
    }

    @Override
    public void unpin(Reference reference) throws IOException {
        names.unpin(reference);
    }

    @Override
    public Set<Reference> pinned() throws IOException {
        return names.pinned();
    }

    @Override
    public void load(Images images) throws IOException {
        new ImageImport(content, names, Clock.systemUTC()).run(images);
        for (Images.Named image : images.images()) {
            for (Reference name : image.names()) {
                await(name);
            }
        }
        watches.forEach(CriWatch::touch);
    }

    @Override
    public List<ContainerSample> containers() throws IOException {
        return containers.list();
    }

    @Override
    public Watch watch(Consumer<RuntimeEvent> listener) {
        CriWatch watch = CriWatch.start(this, POLL, listener);
        watches.add(watch);
        return () -> {
            watches.remove(watch);
            watch.close();
        };
    }

    @Override
    public void close() {
        // The transport belongs to whoever made it; a call leaves nothing open.
    }
}
