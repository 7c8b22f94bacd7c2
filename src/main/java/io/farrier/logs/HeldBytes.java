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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that are on disk only for us, by a link or by an open descriptor alone: past the budget of their disk the
 * oldest are given up, and declared lost.
 */
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

    private record Held(FileSource source, HeldFile file) {
        long bytes() {
            return source.size();
        }

        long disk() {
            return file.key().device();
        }

        /** On that disk, though the file and its folder be gone. */
        Path place() {
            Path place = file.hold().orElseGet(() -> source.origin().path());
            for (Path above = place; above != null; above = above.getParent()) {
                if (Files.exists(above)) {
                    return above;
                }
            }
            return place;
        }
    }

    private record GivenUp(Held held, long checkpoint, long at) {}

    /** @param thresholds reads what the kubelet wants free; asked only while something is held */
    HeldBytes(long budget, Supplier<EvictionThresholds> thresholds, Cursors cursors, Problems problems) {
        this.budget = budget;
        this.thresholds = thresholds;
        this.cursors = cursors;
        this.problems = problems;
    }

    long of(List<FileSource> sources) {
        return bytes(heldOnly(sources));
    }

    /** A checkpoint is on disk. */
    void written(long checkpoint) {
        while (!givenUp.isEmpty() && givenUp.peek().checkpoint() <= checkpoint) {
            release(givenUp.remove());
        }
    }

    void keepWithinBudget(List<FileSource> sources, long now) {
        while (!givenUp.isEmpty() && now - givenUp.peek().at() >= SAID_WITHIN_NANOS) {
            release(givenUp.remove());
        }
        List<Held> held = heldOnly(sources);
        if (!held.isEmpty() && (wanted == null || now - wantedAt >= READ_AGAIN_NANOS)) {
            wanted = thresholds.get();
            wantedAt = now;
        }
        held.stream()
                .collect(Collectors.groupingBy(Held::disk))
                .values()
                .forEach(ofOneDisk -> giveUpOldest(ofOneDisk, now));
    }

    private void giveUpOldest(List<Held> ofOneDisk, long now) {
        long bytes = bytes(ofOneDisk);
        for (Held oldest : ofOneDisk) {
            if (bytes <= allowed(oldest, bytes)) {
                return;
            }
            bytes -= oldest.bytes();
            giveUp(oldest, now);
        }
    }

    private long allowed(Held oldest, long bytes) {
        try {
            FileStore disk = Files.getFileStore(oldest.place());
            long total = disk.getTotalSpace();
            long floor = (wanted == null ? EvictionThresholds.DEFAULT : wanted).floor(total);
            long free = disk.getUsableSpace() + freedSoon(oldest.disk());
            return HoldBudget.allowed(budget, bytes, total, free, floor);
        } catch (IOException unknown) {
            return budget;
        }
    }

    private long freedSoon(long disk) {
        return bytes(givenUp.stream()
                .map(GivenUp::held)
                .filter(held -> held.disk() == disk)
                .toList());
    }

    private void giveUp(Held held, long now) {
        held.source().giveUp("the hold budget of " + budget + " bytes, or the disk, had no room for it", false);
        givenUp.add(new GivenUp(held, cursors.changedUrgently(), now));
    }

    private void release(GivenUp gone) {
        try {
            gone.held().file().release();
        } catch (IOException problem) {
            problems.note(problem);
        }
    }

    private static long bytes(List<Held> held) {
        return held.stream().mapToLong(Held::bytes).sum();
    }

    /** Oldest first. */
    private List<Held> heldOnly(List<FileSource> sources) {
        OtherNames names = new OtherNames();
        List<Held> held = new ArrayList<>();
        for (FileSource source : sources) {
            Optional<HeldFile> file = source.file();
            if (!source.isLive() && file.isPresent() && !cursors.isDone(source)) {
                try {
                    if (names.of(file.get()) == 0) {
                        held.add(new Held(source, file.get()));
                    }
                } catch (IOException problem) {
                    problems.note(problem);
                }
            }
        }
        return held;
    }
}
