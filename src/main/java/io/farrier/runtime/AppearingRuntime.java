package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.runtime.RuntimeFinder.Found;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The runtime of a node that may not have one yet, or may get another one: it is looked for before every call. While
 * there is none each call throws {@link RuntimeUnavailableException} at once; a watch begins when a call first finds one.
 */
public final class AppearingRuntime implements ContainerRuntime {
    /** dockerd tells of each change itself; a containerd that restarts between two looks of its watch does not. */
    private static final Duration RECENT = Duration.ofMinutes(1);

    private final RuntimeFinder finder;
    private final Function<Found, ContainerRuntime> open;
    private final LongSupplier nanos;
    private final List<Moved> watches = new ArrayList<>();
    private @Nullable Found found;
    private @Nullable ContainerRuntime runtime;
    private volatile @Nullable Said said;
    /** How often it became another one, or said that it has changed. */
    private final AtomicInteger changes = new AtomicInteger();

    private record Said(RuntimeInfo info, long at) {}

    /** @param nanos of a clock that only goes forward */
    public AppearingRuntime(RuntimeFinder finder, Function<Found, ContainerRuntime> open, LongSupplier nanos) {
        this.finder = finder;
        this.open = open;
        this.nanos = nanos;
    }

    /** What was found; empty while there is none. */
    public Optional<Found> found() {
        return finder.find();
    }

    private synchronized ContainerRuntime current() throws RuntimeUnavailableException {
        Found now = finder.find()
                .orElseThrow(() -> new RuntimeUnavailableException("Found no container runtime: tried " + finder.tried()
                        + ". farrier looks again by itself; name another socket with 'runtime.socket'."));
        ContainerRuntime known = runtime;
        return known != null && now.equals(found) ? known : replace(known, now);
    }

    private ContainerRuntime replace(@Nullable ContainerRuntime old, Found now) {
        ContainerRuntime fresh = open.apply(now);
        runtime = fresh;
        found = now;
        forget();
        watches.forEach(watch -> watch.moveTo(fresh));
        if (old != null) {
            old.close();
        }
        return fresh;
    }

    @Override
    public RuntimeInfo info() throws IOException {
        ContainerRuntime now = current();
        int before = changes.get();
        said = null;
        RuntimeInfo info = now.info();
        if (changes.get() == before) {
            said = new Said(info, nanos.getAsLong());
        }
        return info;
    }

    /** Of the last minute; not of one that became another, said that it has changed, or did not answer since. */
    @Override
    public RuntimeInfo recentInfo() throws IOException {
        Said last = said;
        boolean isRecent = last != null && nanos.getAsLong() - last.at() < RECENT.toNanos();
        return last != null && isRecent ? last.info() : info();
    }

    private void forget() {
        changes.incrementAndGet();
        said = null;
    }

    @Override
    public Optional<LocalImage> find(Reference reference) throws IOException {
        return current().find(reference);
    }

    @Override
    public List<LocalImage> images() throws IOException {
        return current().images();
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
        return current().pull(request, listener);
    }

    @Override
    public void tag(ImageId id, Reference name) throws IOException {
        current().tag(id, name);
    }

    @Override
    public void pin(Reference reference) throws IOException {
        current().pin(reference);
    }

    @Override
    public Optional<ManifestDigest> lookAtRegistry(PullRequest request) throws IOException {
        return current().lookAtRegistry(request);
    }

    @Override
    public void remove(Reference reference) throws IOException {
        current().remove(reference);
    }

    @Override
    public void unpin(Reference reference) throws IOException {
        current().unpin(reference);
    }

    @Override
    public Set<Reference> pinned() throws IOException {
        return current().pinned();
    }

    @Override
    public void load(Images images) throws IOException {
        current().load(images);
    }

    @Override
    public List<ContainerSample> containers() throws IOException {
        try {
            return current().containers();
        } catch (RuntimeUnavailableException away) {
            forget();
            throw away;
        }
    }

    @Override
    public synchronized Watch watch(Consumer<RuntimeEvent> listener) {
        Moved watch = new Moved(listener);
        watches.add(watch);
        try {
            ContainerRuntime now = current();
            watch.moveTo(now);
        } catch (RuntimeUnavailableException notYet) {
            // It begins with the first call that finds a runtime.
        }
        return watch;
    }

    @Override
    public synchronized void close() {
        watches.forEach(Moved::stop);
        watches.clear();
        ContainerRuntime old = runtime;
        runtime = null;
        if (old != null) {
            old.close();
        }
    }

    /** A watch that goes where the runtime is. */
    private final class Moved implements Watch {
        private final Consumer<RuntimeEvent> listener;
        private @Nullable ContainerRuntime on;
        private @Nullable Watch inner;

        Moved(Consumer<RuntimeEvent> listener) {
            this.listener = listener;
        }

        /** Under the runtime's lock. */
        void moveTo(ContainerRuntime there) {
            if (on != there) {
                stop();
                on = there;
                inner = there.watch(this::heard);
            }
        }

        /** Forgets before it tells: whoever is told asks at once. */
        private void heard(RuntimeEvent event) {
            if (event.kind() == RuntimeEvent.Kind.DAEMON || event.kind() == RuntimeEvent.Kind.RESYNC) {
                forget();
            }
            listener.accept(event);
        }

        void stop() {
            Watch old = inner;
            inner = null;
            on = null;
            if (old != null) {
                old.close();
            }
        }

        @Override
        public void close() {
            synchronized (AppearingRuntime.this) {
                watches.remove(this);
                stop();
            }
        }
    }
}
