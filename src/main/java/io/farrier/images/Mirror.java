package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.registry.RegistryContent.Session;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Copies images from registry to registry, bytes and digests as they are. What is there already is not sent; a layer that
 * another repository of the target has is mounted; an upload that broke off goes on where the target says it stands, also
 * in the next run. In memory is one piece of one layer for each image that is being copied.
 */
public final class Mirror {
    private static final int PARALLEL = 3;

    private final RegistryContent content;
    private final Function<RegistryHost, Registry> registries;
    private final UploadSessions sessions;
    private final Tries tries;
    /** Which repository of the target is known to have a blob. */
    private final Map<String, String> placed = new ConcurrentHashMap<>();
    /** Two images with one layer do not send it at once. */
    private final Map<String, Object> locks = new ConcurrentHashMap<>();

    private final AtomicLong sent = new AtomicLong();

    public Mirror(RegistryContent content, Function<RegistryHost, Registry> registries, UploadSessions sessions) {
        this(content, registries, sessions, new Pauses(new Random(), duration -> Thread.sleep(duration.toMillis())));
    }

    Mirror(
            RegistryContent content,
            Function<RegistryHost, Registry> registries,
            UploadSessions sessions,
            Pauses pauses) {
        this.content = content;
        this.registries = registries;
        this.sessions = sessions;
        this.tries = new Tries(pauses);
    }

    public enum State {
        COPIED,
        /** It was there already. */
        THERE,
        FAILED
    }

    /** How it went with one image. */
    public record Line(Reference reference, Reference target, State state, String reason) {}

    /** Hears of each image as it ends; called from the copying threads. */
    public interface Board {
        void ended(Line line);
    }

    /** @param from the registry to read from instead of the images' own */
    public List<Line> copy(List<Reference> references, Optional<RegistryHost> from, RegistryHost to, Board board)
            throws IOException {
        return Abreast.each(PARALLEL, "mirror", references.stream().distinct().toList(), reference -> {
            Line line = line(reference, from.map(reference::under).orElse(reference), reference.under(to));
            board.ended(line);
            return line;
        });
    }

    /** Of layers and configurations, over all images. */
    public long bytesSent() {
        return sent.get();
    }

    private Line line(Reference reference, Reference source, Reference target) {
        try {
            return new Line(reference, target, copy(source, target), "");
        } catch (IOException failure) {
            return new Line(reference, target, State.FAILED, String.valueOf(failure.getMessage()));
        }
    }

    private State copy(Reference source, Reference target) throws IOException {
        Registry from = registries.apply(source.registry());
        Registry to = registries.apply(target.registry());
        ImageManifest manifest = tries.of(() -> content.manifest(from, source));
        if (tries.of(() -> content.find(to, target)).equals(Optional.of(manifest.digest()))) {
            return State.THERE;
        }
        for (ImageManifest child : children(from, source, manifest)) {
            copyImage(from, source, to, target, child);
            Reference exact = target.at(child.digest()).withoutTag();
            tries.of(() -> put(to, exact, child));
        }
        if (!manifest.isIndex()) {
            copyBlobs(from, source, to, target, manifest);
        }
        tries.of(() -> put(to, target, manifest));
        return State.COPIED;
    }

    private Boolean put(Registry to, Reference target, ImageManifest manifest) throws IOException {
        content.putManifest(to, target, manifest);
        return true;
    }

    /** All platforms: with one of them left out the index would have another digest, and pins would not hold. */
    private List<ImageManifest> children(Registry from, Reference source, ImageManifest index) throws IOException {
        List<ImageManifest> children = new ArrayList<>();
        for (ImageManifest.Child child : index.children()) {
            Reference exact =
                    source.at(new ManifestDigest(child.manifest().digest())).withoutTag();
            children.add(tries.of(() -> content.manifest(from, exact)));
        }
        return children;
    }

    private void copyImage(Registry from, Reference source, Registry to, Reference target, ImageManifest image)
            throws IOException {
        if (image.isIndex()) {
            throw new IOException(source + " is an index of indexes, which no runtime pulls.");
        }
        copyBlobs(from, source, to, target, image);
    }

    private void copyBlobs(Registry from, Reference source, Registry to, Reference target, ImageManifest image)
            throws IOException {
        for (Blob blob : image.blobs()) {
            synchronized (locks.computeIfAbsent(blob.digest(), any -> new Object())) {
                place(from, source, to, target, blob);
            }
        }
    }

    private void place(Registry from, Reference source, Registry to, Reference target, Blob blob) throws IOException {
        boolean isThere =
                target.path().equals(placed.get(blob.digest())) || tries.of(() -> content.hasBlob(to, target, blob));
        if (!isThere) {
            send(from, source, to, target, blob);
        }
        placed.put(blob.digest(), target.path());
    }

    private void send(Registry from, Reference source, Registry to, Reference target, Blob blob) throws IOException {
        for (int attempt = 1; ; attempt++) {
            long before = sent.get();
            try {
                Optional<Session> session = session(to, target, blob);
                if (session.isPresent()) {
                    finish(from, source, to, target, blob, session.get());
                }
                sessions.forget(target, blob);
                return;
            } catch (java.io.InterruptedIOException hurried) {
                throw hurried;
            } catch (IOException broken) {
                attempt = sent.get() > before ? 1 : attempt;
                tries.pause(attempt, broken);
            }
        }
    }

    /** Empty when the target took the blob from another of its repositories. */
    private Optional<Session> session(Registry to, Reference target, Blob blob) throws IOException {
        Optional<Session> open = sessions.find(target, blob);
        if (open.isPresent()) {
            try {
                return Optional.of(content.status(to, target, open.get()));
            } catch (io.farrier.registry.RegistryRefusal forgotten) {
                sessions.forget(target, blob);
            }
        }
        Optional<Session> fresh = content.begin(to, target, blob, Optional.ofNullable(placed.get(blob.digest())));
        if (fresh.isPresent()) {
            sessions.remember(target, blob, fresh.get());
        }
        return fresh;
    }

    private void finish(Registry from, Reference source, Registry to, Reference target, Blob blob, Session session)
            throws IOException {
        if (session.received() > blob.size()) {
            sessions.forget(target, blob);
            throw new IOException(to.host() + " has more of " + blob.digest() + " than there is.");
        }
        try (InputStream rest = tries.reading(blob, session.received(), at -> content.blob(from, source, blob, at))) {
            content.finish(to, target, session, blob, rest, sent::addAndGet);
        }
    }
}
