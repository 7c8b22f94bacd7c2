package io.farrier.logs;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The bytes that are on disk only for us: past their budget the oldest are given up, and declared lost. */
final class HeldBytes {
    /** Whoever changes what the kubelet wants has restarted it meanwhile. */
    private static final long READ_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A state_dir that takes no checkpoint, perhaps on the same full disk, must not keep the bytes there. */
    private static final long SAID_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final long budget;
    private final Supplier<EvictionThresholds> thresholds;
    private final Cursors cursors;
    private final Problems problems;

    /** Given up, and still on disk until a checkpoint there says why: after a kill nobody else would know. */
    private final Deque<GivenUp> givenUp = new ArrayDeque<>();

    private @Nullable EvictionThresholds wanted;
    private long wantedAt;

    private record GivenUp(HeldFile file, long bytes, long checkpoint, long at) {}

    /** @param thresholds reads what the kubelet wants free; asked only while something is held */
    HeldBytes(long budget, Supplier<EvictionThresholds> thresholds, Cursors cursors, Problems problems) {
        this.budget = budget;
        this.thresholds = thresholds;
        this.cursors = cursors;
        this.problems = problems;
    }

    long of(List<FileSource> sources) {
        return heldOnly(sources).stream().mapToLong(FileSource::size).sum();
    }

    /** A checkpoint is on disk. */
    void written(long checkpoint) {
        while (!givenUp.isEmpty() && givenUp.peek().checkpoint() <= checkpoint) {
            release(givenUp.remove().file());
        }
    }

    void keepWithinBudget(List<FileSource> sources, long now) {
        while (!givenUp.isEmpty() && now - givenUp.peek().at() >= SAID_WITHIN_NANOS) {
            release(givenUp.remove().file());
        }
        List<FileSource> held = heldOnly(sources);
        if (!held.isEmpty() && (wanted == null || now - wantedAt >= READ_AGAIN_NANOS)) {
            wanted = thresholds.get();
            wantedAt = now;
        }
        long bytes = held.stream().mapToLong(FileSource::size).sum();
        for (FileSource oldest : held) {
            if (bytes <= allowed(oldest, bytes)) {
                return;
            }
            bytes -= oldest.size();
            giveUp(oldest, now);
        }
    }

    private long allowed(FileSource source, long held) {
        try {
            Path hold = source.file().flatMap(HeldFile::hold).orElseThrow();
            FileStore disk = Files.getFileStore(hold);
            long total = disk.getTotalSpace();
            long floor = (wanted == null ? EvictionThresholds.DEFAULT : wanted).floor(total);
            long freedSoon = givenUp.stream().mapToLong(GivenUp::bytes).sum();
            return HoldBudget.allowed(budget, held, total, disk.getUsableSpace() + freedSoon, floor);
        } catch (IOException unknown) {
            return budget;
        }
    }

    private void giveUp(FileSource source, long now) {
        Optional<HeldFile> file = source.file();
        source.giveUp("the hold budget of " + budget + " bytes, or the disk, had no room for it", false);
        long checkpoint = cursors.changedUrgently();
        file.ifPresent(held -> givenUp.add(new GivenUp(held, source.size(), checkpoint, now)));
    }

    private void release(HeldFile file) {
        try {
            file.release();
        } catch (IOException problem) {
            problems.note(problem);
        }
    }

    /** Sources whose bytes are on disk only because of their hold, oldest first. */
    private List<FileSource> heldOnly(List<FileSource> sources) {
        List<FileSource> held = new ArrayList<>();
        for (FileSource source : sources) {
            Optional<HeldFile> file = source.file();
            if (!source.isLive() && file.isPresent() && file.get().hold().isPresent() && !cursors.isDone(source)) {
                try {
                    if (file.get().otherNames() == 0) {
                        held.add(source);
                    }
                } catch (IOException problem) {
                    problems.note(problem);
                }
            }
        }
        return held;
    }
}
