package io.farrier.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.ImageId;
import io.farrier.image.Reference;
import io.farrier.plan.DaemonName;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A dockerd as far as daemon.json goes, with the habits of 20.10: a reload changes only keys that are in the file, and a
 * bad file changes nothing and is confirmed by no event.
 */
public final class FakeDockerd implements ContainerRuntime, Daemon {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private List<String> insecure = List.of();
    private List<String> mirrors = List.of();
    private boolean liveRestore;
    private boolean debug;
    private String version = "20.10.24+dfsg1";
    private boolean up = true;
    private boolean deaf;
    private Judge judge = file -> Optional.empty();
    private int reloads;
    private int restarts;
    private List<ContainerSample> containers = List.of();

    /** Starts, reading {@code file} if it is there. */
    public FakeDockerd(Path file) {
        this.file = file;
    }

    /** Says what is wrong with a daemon.json. */
    @FunctionalInterface
    public interface Judge {
        Optional<String> complaint(byte[] daemonJson) throws IOException;
    }

    /** A real one decides which files this one reads. */
    public FakeDockerd judgedBy(Judge real) {
        judge = real;
        return this;
    }

    public FakeDockerd version(String text) {
        version = text;
        return this;
    }

    public FakeDockerd up() {
        up = true;
        return this;
    }

    /** Nobody answers from now on. */
    public FakeDockerd down() {
        up = false;
        return this;
    }

    /** Confirms no reload from now on, as with a file it does not accept. */
    public FakeDockerd deaf() {
        deaf = true;
        return this;
    }

    public FakeDockerd running(ContainerSample... samples) {
        containers = List.of(samples);
        return this;
    }

    public int reloads() {
        return reloads;
    }

    public int restarts() {
        return restarts;
    }

    /** Reads the file as at its start. */
    public FakeDockerd start() throws IOException {
        insecure = List.of();
        mirrors = List.of();
        liveRestore = false;
        debug = false;
        read();
        return this;
    }

    private void read() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        JsonNode json = JSON.readTree(Files.readAllBytes(file));
        insecure = json.has("insecure-registries") ? texts(json.get("insecure-registries")) : insecure;
        mirrors = json.has("registry-mirrors")
                ? texts(json.get("registry-mirrors")).stream()
                        .map(url -> url.endsWith("/") ? url : url + "/")
                        .toList()
                : mirrors;
        liveRestore = json.path("live-restore").asBoolean(liveRestore);
        debug = json.path("debug").asBoolean(debug);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    public LiveSettings live() {
        return new LiveSettings(insecure, mirrors, liveRestore, Map.of("debug", Boolean.toString(debug)));
    }

    @Override
    public DaemonName name() {
        return new DaemonName("docker");
    }

    @Override
    public void reload() throws IOException {
        reloads++;
        if (deaf) {
            throw new IOException("Tried to reload dockerd but no reload event came within 10 s.");
        }
        Optional<String> complaint = judge.complaint(Files.readAllBytes(file));
        if (complaint.isPresent()) {
            throw new IOException(complaint.get());
        }
        read();
    }

    @Override
    public void restart() throws IOException {
        restarts++;
        start();
    }

    @Override
    public boolean answers() {
        return up;
    }

    @Override
    public RuntimeInfo info() throws IOException {
        if (!up) {
            throw new RuntimeUnavailableException("Tried to ask dockerd but nobody answers.");
        }
        return new RuntimeInfo("docker", version, "1.41", Optional.of("/var/lib/docker"), Optional.of(live()));
    }

    @Override
    public List<ContainerSample> containers() {
        return containers;
    }

    @Override
    public Optional<LocalImage> find(Reference reference) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public List<LocalImage> images() {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public void tag(ImageId id, Reference name) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public Optional<io.farrier.image.ManifestDigest> lookAtRegistry(PullRequest request) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public void remove(Reference reference) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public void pin(Reference reference) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public void unpin(Reference reference) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public java.util.Set<Reference> pinned() {
        return java.util.Set.of();
    }

    @Override
    public void load(io.farrier.runtime.Images images) {
        throw new UnsupportedOperationException("this fake has no images");
    }

    @Override
    public Watch watch(Consumer<RuntimeEvent> listener) {
        return () -> {};
    }

    @Override
    public void close() {}
}
