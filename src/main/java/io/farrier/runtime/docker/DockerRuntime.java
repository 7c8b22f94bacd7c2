package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Images;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.StalledPullException;
import io.farrier.sample.ContainerSample;
import io.farrier.transport.Http;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Response;
import io.farrier.transport.SilentPeerException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** dockerd behind its socket. */
public final class DockerRuntime implements ContainerRuntime {
    /** Unpacking or verifying one big layer can take minutes in silence. */
    private static final Duration QUIET = Duration.ofMinutes(15);

    private final DockerApi api;
    private final HoldContainers holds;
    private final ContainerTable containers;
    /** When dockerd last said something of any pull. */
    private final AtomicLong movedAt = new AtomicLong(System.nanoTime());

    public DockerRuntime(Http http, Path socket) {
        this.api = new DockerApi(http, socket);
        this.holds = new HoldContainers(api);
        this.containers = new ContainerTable(api, System::nanoTime);
    }

    @Override
    public RuntimeInfo info() throws IOException {
        Response response = api.call("GET", "/info", plain -> plain);
        if (response.status() != 200) {
            throw new IOException("dockerd refused GET /info: " + DockerApi.words(response));
        }
        JsonNode info = DockerApi.Json.MAPPER.readTree(response.body());
        return new RuntimeInfo(
                "docker",
                info.path("ServerVersion").asText(),
                api.version().toString(),
                Optional.of(info.path("DockerRootDir").asText()).filter(root -> !root.isEmpty()),
                Optional.of(LiveSettingsReader.read(info)));
    }

    @Override
    public Optional<LocalImage> find(Reference reference) throws IOException {
        try {
            InspectImageResponse image =
                    api.ask(docker -> docker.inspectImageCmd(lookup(reference)).exec());
            return Optional.of(local(image)).filter(found -> found.hasTagOf(reference));
        } catch (NotFoundException absent) {
            return Optional.empty();
        } catch (DockerException refusal) {
            throw new IOException("dockerd could not look up " + reference + ": " + DockerApi.words(refusal), refusal);
        }
    }

    @Override
    public List<LocalImage> images() throws IOException {
        try {
            return api.ask(docker -> docker.listImagesCmd().exec()).stream()
                    .map(DockerRuntime::local)
                    .toList();
        } catch (DockerException refusal) {
            throw new IOException("dockerd refused to list its images: " + DockerApi.words(refusal), refusal);
        }
    }

    private static LocalImage local(Image image) {
        return LocalImage.named(
                text(image.getId()),
                listOf(image.getRepoTags()),
                listOf(image.getRepoDigests()),
                size(image.getSize()),
                false);
    }

    private static LocalImage local(InspectImageResponse image) {
        return LocalImage.named(
                text(image.getId()),
                Objects.requireNonNullElse(image.getRepoTags(), List.of()),
                Objects.requireNonNullElse(image.getRepoDigests(), List.of()),
                size(image.getSize()),
                false);
    }

    private static List<String> listOf(String @Nullable [] array) {
        return array == null ? List.of() : Arrays.asList(array);
    }

    private static String text(@Nullable String id) {
        return Objects.requireNonNullElse(id, "");
    }

    private static long size(@Nullable Long size) {
        return size == null ? 0 : size;
    }

    /** What dockerd is asked for: by digest where there is one. */
    private static String lookup(Reference reference) {
        return reference
                .digest()
                .map(digest -> reference.familiarName() + "@" + digest)
                .orElseGet(reference::familiar);
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
        Reference reference = request.reference();
        try (HttpStream stream = begin(request)) {
            if (stream.status() != 200) {
                throw new IOException(refusal(stream));
            }
            follow(stream, request, listener);
        }
        return tagged(reference);
    }

    /** dockerd answers as soon as it has the manifest; until then there is nothing it could be busy with. */
    private HttpStream begin(PullRequest request) throws IOException {
        Map<String, String> auth = auth(request);
        try {
            return api.open(
                    "POST",
                    pullTarget(request.reference()),
                    out -> out.withIdle(request.patience()).withHeaders(auth));
        } catch (SilentPeerException silent) {
            throw new StalledPullException(request.reference(), request.patience());
        }
    }

    /** Never without tag or digest: dockerd would pull every tag of the repository. */
    private static String pullTarget(Reference reference) {
        String which = reference
                .digest()
                .map(ManifestDigest::value)
                .or(reference::tag)
                .orElseThrow(() -> new IllegalArgumentException(reference + " has neither tag nor digest"));
        return "/images/create?fromImage=" + encoded(reference.name()) + "&tag=" + encoded(which);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** The credentials go to their own registry or nowhere. */
    private static Map<String, String> auth(PullRequest request) throws IOException {
        Optional<RegistryCredentials> credentials = request.credentials()
                .filter(c -> c.host().equals(request.reference().registry()));
        return credentials.isEmpty() ? Map.of() : Map.of("X-Registry-Auth", header(credentials.get()));
    }

    private static String header(RegistryCredentials credentials) throws IOException {
        byte[] json = DockerApi.Json.MAPPER.writeValueAsBytes(Map.of(
                "username", credentials.username(),
                "password", credentials.password().reveal(),
                "serveraddress", serverAddress(credentials.host())));
        return Base64.getUrlEncoder().encodeToString(json);
    }

    private static String serverAddress(RegistryHost host) {
        return host.equals(RegistryHost.DOCKER_HUB) ? "https://index.docker.io/v1/" : host.value();
    }

    private static String refusal(HttpStream stream) throws IOException {
        Optional<JsonNode> said = new JsonLines(stream, QUIET).next();
        return said.map(line -> line.path("message").asText(line.toString()))
                .orElse("dockerd answered " + stream.status() + " and gave no reason");
    }

    /** dockerd answers 200 and then fails inside the stream: the status alone proves nothing. */
    private void follow(HttpStream stream, PullRequest request, PullListener listener) throws IOException {
        PullMeter meter = new PullMeter();
        JsonLines lines = new JsonLines(stream, QUIET);
        for (Optional<JsonNode> line = next(lines, meter, request);
                line.isPresent();
                line = next(lines, meter, request)) {
            meter.accept(line.get()).ifPresent(listener::progress);
        }
    }

    /**
     * dockerd reports every 100 ms while bytes come; when they are all it waits for, silence means that none do. While it
     * unpacks it may be silent for longer, but not for ever: dockerd 20.10 never ends a pull in which one layer broke just as
     * another was unpacked.
     */
    private Optional<JsonNode> next(JsonLines lines, PullMeter meter, PullRequest request) throws IOException {
        Duration patience = meter.isWaitingForBytes() ? request.patience() : request.patienceWhileUnpacking();
        while (true) {
            try {
                Optional<JsonNode> line = lines.next(patience);
                movedAt.set(System.nanoTime());
                return line;
            } catch (SilentPeerException silent) {
                boolean othersMove = System.nanoTime() - movedAt.get() < patience.toNanos();
                if (!meter.isQueued() || !othersMove) {
                    throw new StalledPullException(request.reference(), patience);
                }
            }
        }
    }

    /** A pull by digest sets no tag; who asked for both gets both. */
    private LocalImage tagged(Reference reference) throws IOException {
        if (reference.digest().isPresent() && reference.tag().isPresent()) {
            tag(get(reference.withoutTag()).id(), reference.withoutDigest());
        }
        return get(reference);
    }

    private LocalImage get(Reference reference) throws IOException {
        return find(reference)
                .orElseThrow(() -> new IOException("dockerd ended the pull of " + reference
                        + " without an error, and the image is not there. Was it removed at the same time?"));
    }

    @Override
    public void tag(ImageId id, Reference name) throws IOException {
        try {
            api.ask(docker -> {
                docker.tagImageCmd(id.value(), name.name(), name.tag().orElse("latest"))
                        .exec();
                return id;
            });
        } catch (DockerException refusal) {
            throw new IOException(
                    "dockerd refused to tag " + id + " as " + name + ": " + DockerApi.words(refusal), refusal);
        }
    }

    @Override
    public void pin(Reference reference) throws IOException {
        holds.hold(reference, get(reference).id());
    }

    @Override
    public void remove(Reference reference) throws IOException {
        try {
            api.ask(docker -> {
                docker.removeImageCmd(lookup(reference)).exec();
                return reference;
            });
        } catch (NotFoundException gone) {
            return;
        } catch (DockerException refusal) {
            throw new IOException("dockerd refused to remove " + reference + ": " + DockerApi.words(refusal), refusal);
        }
    }

    @Override
    public void unpin(Reference reference) throws IOException {
        holds.release(reference);
    }

    @Override
    public Set<Reference> pinned() throws IOException {
        return holds.held();
    }

    @Override
    public void load(Images images) throws IOException {
        new ImageLoad(api).run(images);
        for (Images.Named image : images.images()) {
            for (Reference name : image.names()) {
                if (find(name).isEmpty()) {
                    throw new IOException("dockerd took the archive of " + name
                            + " without an error, and the image is not there. Was it removed at the same time?");
                }
            }
        }
    }

    /** With the daemon's own certs.d and insecure-registries. */
    @Override
    public Optional<ManifestDigest> lookAtRegistry(PullRequest request) throws IOException {
        Map<String, String> auth = auth(request);
        Response response = api.call(
                "GET",
                "/distribution/" + lookup(request.reference()) + "/json",
                out -> out.withHeaders(auth).withIdle(QUIET));
        if (response.status() != 200) {
            throw new IOException(DockerApi.words(response));
        }
        JsonNode descriptor = DockerApi.Json.MAPPER.readTree(response.body()).path("Descriptor");
        try {
            return Optional.of(new ManifestDigest(descriptor.path("digest").asText()));
        } catch (IllegalArgumentException e) {
            throw new IOException("dockerd answered without a usable digest for " + request.reference(), e);
        }
    }

    @Override
    public List<ContainerSample> containers() throws IOException {
        return containers.list();
    }

    @Override
    public Watch watch(Consumer<RuntimeEvent> listener) {
        AtomicBoolean isFirst = new AtomicBoolean(true);
        return DockerWatch.start(api, event -> {
            if (event.kind() == RuntimeEvent.Kind.CONTAINER) {
                containers.forget(event.id());
            } else if (event.kind() == RuntimeEvent.Kind.RESYNC && !isFirst.getAndSet(false)) {
                containers.forgetAll();
            }
            listener.accept(event);
        });
    }

    DockerApi api() {
        return api;
    }

    @Override
    public void close() {
        try {
            api.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
