package io.farrier.runtime.containerd;

import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One thread that lists containers and images and tells what differs from the time before. */
final class CriWatch implements ContainerRuntime.Watch {
    private final ContainerRuntime runtime;
    private final Duration interval;
    private final Consumer<RuntimeEvent> listener;
    private final AtomicBoolean touched = new AtomicBoolean();
    private final CountDownLatch end = new CountDownLatch(1);

    private CriWatch(ContainerRuntime runtime, Duration interval, Consumer<RuntimeEvent> listener) {
        this.runtime = runtime;
        this.interval = interval;
        this.listener = listener;
    }

    static CriWatch start(ContainerRuntime runtime, Duration interval, Consumer<RuntimeEvent> listener) {
        CriWatch watch = new CriWatch(runtime, interval, listener);
        Thread thread = new Thread(watch::run, "cri-watch");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    /**
     * farrier itself has changed an image. What comes and goes between two looks shows in neither, so the next one tells in
     * any case.
     */
    void touch() {
        touched.set(true);
    }

    /** What was seen: containers by id, images by reference, and a word for how they were. */
    private record View(Map<String, String> containers, Map<String, String> images) {}

    private void run() {
        View before = null;
        do {
            boolean wasTouched = touched.getAndSet(false);
            try {
                View now = look();
                if (before == null) {
                    listener.accept(new RuntimeEvent(Kind.RESYNC, "resync", ""));
                } else {
                    tell(Kind.CONTAINER, before.containers(), now.containers());
                    tell(Kind.IMAGE, before.images(), now.images());
                }
                if (wasTouched) {
                    listener.accept(new RuntimeEvent(Kind.IMAGE, "update", ""));
                }
                before = now;
            } catch (IOException away) {
                // What happens until it answers again is unknown; whoever asks it for something is told.
                before = null;
            }
        } while (!ended());
    }

    private View look() throws IOException {
        Map<String, String> images = new HashMap<>();
        for (LocalImage image : runtime.images()) {
            image.tags().forEach(tag -> images.put(tag, image.id().value()));
        }
        return new View(
                runtime.containers().stream()
                        .collect(Collectors.toMap(
                                ContainerSample::id, c -> c.state().name(), (a, b) -> a)),
                images);
    }

    private void tell(Kind kind, Map<String, String> before, Map<String, String> now) {
        now.forEach((id, state) -> {
            String old = before.get(id);
            if (!state.equals(old)) {
                listener.accept(new RuntimeEvent(kind, old == null ? "create" : "update", id));
            }
        });
        before.keySet().stream()
                .filter(id -> !now.containsKey(id))
                .forEach(id -> listener.accept(new RuntimeEvent(kind, "delete", id)));
    }

    private boolean ended() {
        try {
            return end.await(interval.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    @Override
    public void close() {
        end.countDown();
    }
}
