package io.farrier.testing;

import io.farrier.image.Blob;
import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Images;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullListener.PullProgress;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A runtime in memory. It pulls what its registry was given, and fails as it is told. */
public final class FakeRuntime implements ContainerRuntime {
    private final Map<String, LocalImage> registry = new HashMap<>();
    private final Map<String, LocalImage> here = new LinkedHashMap<>();
    private final Map<String, Deque<IOException>> failures = new HashMap<>();
    private final List<Consumer<RuntimeEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private List<ContainerSample> containers = List.of();
    private final Set<Reference> pinned = new LinkedHashSet<>();
    private RuntimeInfo info = new RuntimeInfo("fake", "1.0", "1", Optional.empty(), Optional.empty());
    private boolean away;
    private volatile BeforePull beforePull = reference -> {};

    /** Makes {@code reference} something that can be pulled. */
    public synchronized FakeRuntime serves(Reference reference) {
        String hex = "%064x".formatted(reference.name().hashCode() & 0xffffffffL);
        registry.put(
                reference.toString(),
                new LocalImage(
                        new ImageId("sha256:" + hex),
                        reference.tag().isPresent() && reference.digest().isEmpty()
                                ? List.of(reference.toString())
                                : List.of(),
                        List.of(reference.digest().orElseGet(() -> new ManifestDigest("sha256:" + hex))),
                        1000,
                        false));
        return this;
    }

    public synchronized FakeRuntime isDocker() {
        info = new RuntimeInfo("docker", "26.1", "1.45", Optional.empty(), Optional.empty());
        return this;
    }

    public synchronized FakeRuntime isContainerd(String pauseImage) {
        info = new RuntimeInfo("containerd", "1.7", "v1", Optional.empty(), Optional.empty(), Optional.of(pauseImage));
        return this;
    }

    /** What happens as a pull begins, before anything of it is there; other calls are answered meanwhile. */
    public interface BeforePull {
        void of(Reference reference) throws InterruptedException;
    }

    public synchronized FakeRuntime beforePulls(BeforePull hook) {
        beforePull = hook;
        return this;
    }

    /** Puts it on the node as if it had been pulled before. */
    public synchronized FakeRuntime holds(Reference reference) {
        serves(reference);
        here.put(reference.toString(), registry.get(reference.toString()));
        return this;
    }

    /** The next pull of {@code reference} that has not failed yet fails with {@code message}. */
    public synchronized FakeRuntime failsOnce(Reference reference, String message) {
        failures.computeIfAbsent(reference.toString(), any -> new ArrayDeque<>())
                .add(new IOException(message));
        return this;
    }

    public synchronized FakeRuntime runs(Collection<ContainerSample> samples) {
        containers = List.copyOf(samples);
        return this;
    }

    public synchronized void goAway() {
        away = true;
    }

    public synchronized void comeBack() {
        away = false;
        tell(new RuntimeEvent(Kind.RESYNC, "resync", ""));
    }

    /** Removes an image as the kubelet's garbage collector would. */
    public synchronized void loses(Reference reference) {
        here.remove(reference.toString());
        pinned.remove(reference);
        tell(new RuntimeEvent(Kind.IMAGE, "delete", reference.toString()));
    }

    public void tell(RuntimeEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    /** What was asked, in order: {@code images}, {@code find REF}, {@code pull REF}. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    private void ask(String call) throws RuntimeUnavailableException {
        calls.add(call);
        if (away) {
            throw new RuntimeUnavailableException("the fake runtime is away");
        }
    }

    @Override
    public synchronized RuntimeInfo info() throws IOException {
        ask("info");
        return info;
    }

    @Override
    public synchronized Optional<LocalImage> find(Reference reference) throws IOException {
        ask("find " + reference);
        return Optional.ofNullable(here.get(reference.toString()));
    }

    @Override
    public synchronized List<LocalImage> images() throws IOException {
        ask("images");
        return List.copyOf(here.values());
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
        try {
            beforePull.of(request.reference());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the pull was interrupted", e);
        }
        return pulled(request, listener);
    }

    private synchronized LocalImage pulled(PullRequest request, PullListener listener) throws IOException {
        String name = request.reference().toString();
        ask("pull " + name);
        IOException failure = failures.getOrDefault(name, new ArrayDeque<>()).poll();
        if (failure != null) {
            throw failure;
        }
        LocalImage image = registry.get(name);
        if (image == null) {
            throw new IOException("manifest for " + name + " not found: manifest unknown: manifest unknown");
        }
        listener.progress(new PullProgress(500, 1000, "Downloading"));
        listener.progress(new PullProgress(1000, 1000, "Pull complete"));
        LocalImage pulled = named(image, request.reference());
        here.put(name, pulled);
        here.put(request.reference().withoutDigest().toString(), pulled);
        tell(new RuntimeEvent(Kind.IMAGE, "pull", name));
        return pulled;
    }

    /** By digest alone a pull gives no tag. */
    private static LocalImage named(LocalImage image, Reference reference) {
        return reference.tag().isEmpty()
                ? image
                : new LocalImage(
                        image.id(),
                        List.of(reference.withoutDigest().toString()),
                        image.digests(),
                        image.sizeBytes(),
                        image.pinned());
    }

    @Override
    public synchronized void tag(ImageId id, Reference name) throws IOException {
        ask("tag " + name);
        LocalImage image = here.values().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IOException("No such image: " + id));
        here.put(
                name.toString(),
                new LocalImage(id, List.of(name.toString()), image.digests(), image.sizeBytes(), image.pinned()));
    }

    @Override
    public synchronized Optional<ManifestDigest> lookAtRegistry(PullRequest request) throws IOException {
        ask("look " + request.reference());
        return Optional.empty();
    }

    @Override
    public synchronized void remove(Reference reference) throws IOException {
        ask("remove " + reference);
        here.remove(reference.toString());
    }

    @Override
    public synchronized void pin(Reference reference) throws IOException {
        ask("pin " + reference);
        if (!here.containsKey(reference.toString())) {
            throw new IOException("No such image: " + reference);
        }
        pinned.add(reference);
    }

    @Override
    public synchronized void unpin(Reference reference) throws IOException {
        ask("unpin " + reference);
        pinned.remove(reference);
    }

    @Override
    public synchronized Set<Reference> pinned() throws IOException {
        ask("pinned");
        return Set.copyOf(pinned);
    }

    @Override
    public synchronized void load(Images images) throws IOException {
        for (Images.Named image : images.images()) {
            ask("load " + image.names());
            for (Blob blob : image.manifest().blobs()) {
                try (InputStream bytes = images.open(blob)) {
                    bytes.transferTo(OutputStream.nullOutputStream());
                }
            }
            ImageId id = new ImageId(image.manifest().config().orElseThrow().digest());
            for (Reference name : image.names()) {
                here.put(name.toString(), new LocalImage(id, List.of(name.toString()), List.of(), 1000, false));
                tell(new RuntimeEvent(Kind.IMAGE, "load", name.toString()));
            }
        }
    }

    @Override
    public synchronized List<ContainerSample> containers() throws IOException {
        ask("containers");
        return containers;
    }

    @Override
    public Watch watch(Consumer<RuntimeEvent> listener) {
        listeners.add(listener);
        listener.accept(new RuntimeEvent(Kind.RESYNC, "resync", ""));
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
