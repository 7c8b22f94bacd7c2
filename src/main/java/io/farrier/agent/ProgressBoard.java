package io.farrier.agent;

import io.farrier.feed.Frame;
import io.farrier.images.PullBoard;
import io.farrier.sample.ImageStatus;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Pulls tell each layer's every step; of one image at most a few are passed on in a second, and always its end. */
final class ProgressBoard implements PullBoard {
    private static final long EVERY = Duration.ofMillis(500).toNanos();
    private static final String WORK = "pull";

    private final Consumer<Frame.Progress> frames;
    private final Consumer<ImageStatus> ended;
    private final LongSupplier nanos;
    private final Map<String, Long> toldAt = new ConcurrentHashMap<>();

    ProgressBoard(Consumer<Frame.Progress> frames, Consumer<ImageStatus> ended, LongSupplier nanos) {
        this.frames = frames;
        this.ended = ended;
        this.nanos = nanos;
    }

    @Override
    public void progress(String reference, long doneBytes, long totalBytes, String note) {
        long now = nanos.getAsLong();
        Long before = toldAt.get(reference);
        if (before == null || now - before >= EVERY) {
            toldAt.put(reference, now);
            frames.accept(
                    new Frame.Progress(WORK, reference, Math.max(0, doneBytes), Math.max(0, totalBytes), cut(note)));
        }
    }

    @Override
    public void ended(ImageStatus status) {
        toldAt.remove(status.reference());
        long size = Math.max(0, status.sizeBytes());
        frames.accept(new Frame.Progress(WORK, status.reference(), size, size, cut(note(status))));
        ended.accept(status);
    }

    private static String note(ImageStatus status) {
        String state = status.state().name().toLowerCase(java.util.Locale.ROOT);
        return status.reason().isEmpty() ? state : state + ": " + status.reason();
    }

    private static String cut(String text) {
        return text.length() <= 1000 ? text : text.substring(0, 1000);
    }
}
