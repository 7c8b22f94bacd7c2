package io.farrier.logs;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The bytes that are on disk only for us: past their budget the oldest are given up, and declared lost. */
final class HeldBytes {
    /** Whoever changes what the kubelet wants has restarted it meanwhile. */
    private static final long READ_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final long budget;
    private final Supplier<EvictionThresholds> thresholds;
    private final Cursors cursors;
    private final Problems problems;
    private @Nullable EvictionThresholds wanted;
    private long wantedAt;

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

    void keepWithinBudget(List<FileSource> sources, long now) {
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
            giveUp(oldest);
        }
    }

    private long allowed(FileSource source, long held) {
        try {
            Path hold = source.file().flatMap(HeldFile::hold).orElseThrow();
            FileStore disk = Files.getFileStore(hold);
            long total = disk.getTotalSpace();
            long floor = (wanted == null ? EvictionThresholds.DEFAULT : wanted).floor(total);
            return HoldBudget.allowed(budget, held, total, disk.getUsableSpace(), floor);
        } catch (IOException unknown) {
            return budget;
        }
    }

    private void giveUp(FileSource source) {
        Optional<HeldFile> file = source.file();
        source.giveUp("the hold budget of " + budget + " bytes, or the disk, had no room for it", false);
        cursors.changed();
        try {
            if (file.isPresent()) {
                file.get().release();
            }
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
