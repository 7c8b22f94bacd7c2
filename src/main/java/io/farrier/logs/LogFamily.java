package io.farrier.logs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log files of one container: the live one and the rotated ones that are not yet wholly with the collector. */
final class LogFamily {
    /** Docker renames before it makes the new file: a shorter absence is a rotation, not a removal. */
    private static final long ABSENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How often a listing is made again because the file was rotated meanwhile. */
    private static final int MAX_LOOKS = 5;

    private final LogOrigin origin;
    private final List<FileSource> sources = new ArrayList<>();

    /** Files that are done and still have a name: they are not to be opened again at the next rotation. */
    private final Map<FileKey, Checkpoint.Entry> finished = new HashMap<>();

    private @Nullable FileKey current;
    private final BooleanSupplier mayLink;
    private Set<FileKey> lastKnown;
    private boolean isListed;

    /** Whether all files were seen that there were when the live one was. */
    private boolean isSettled;

    private long absentSince = -1;

    /** Nothing was seen to happen since; a folder that is at rest is watched, not looked at. */
    private long stirredAt;

    private boolean isWatched;

    /** @param lastKnown files among which is the one that was live when an earlier run last looked; empty when none did */
    LogFamily(LogOrigin origin, Set<FileKey> lastKnown, BooleanSupplier mayLink) {
        this.origin = origin;
        this.lastKnown = lastKnown;
        this.mayLink = mayLink;
    }

    LogOrigin origin() {
        return origin;
    }

    List<FileSource> sources() {
        return sources;
    }

    Map<FileKey, Checkpoint.Entry> finished() {
        return finished;
    }

    void setListed(boolean isListed) {
        this.isListed = isListed;
    }

    /** Something happened in its folder, or may have. */
    void stir(long now) {
        stirredAt = now;
        isWatched = false;
    }

    long stirredAt() {
        return stirredAt;
    }

    boolean isWatched() {
        return isWatched;
    }

    /** True when whatever happens next is an event in its folder, and nothing only time brings about. */
    boolean isQuiet() {
        return isWatched
                && isListed
                && isSettled
                && current != null
                && sources.stream().allMatch(source -> source.isLive() && source.id() != null && !source.hasMore());
    }

    void setWatched() {
        isWatched = true;
    }

    /** True when nothing is left of the container that anybody needs to remember. */
    boolean isOver() {
        return !isListed && current == null && sources.isEmpty();
    }

    /** Where the live one lies, and most often the rotated ones. */
    Path folder() {
        Path folder = origin.path().getParent();
        return folder == null ? origin.path() : folder;
    }

    boolean knows(FileKey key) {
        return sources.stream().anyMatch(source -> source.isOf(key));
    }

    /** A file that an earlier run held, and whose names may all be gone. */
    void adopt(HeldFile held, long now) {
        FileSource source = FileSource.open(origin, held, now);
        source.setLive(false, now);
        sources.add(0, source);
    }

    /** Sees rotation and removal. {@code opened} hears of each file that is opened. */
    void look(long now, Consumer<FileSource> opened) throws IOException {
        Optional<FileKey.Look> look = FileKey.look(origin.path());
        boolean isNotOurs = !isListed && current == null;
        if (look.isEmpty() || isNotOurs) {
            lookAbsent(now);
            return;
        }
        absentSince = -1;
        if (!isSettled || !look.get().key().equals(current)) {
            discover(now, opened);
        }
    }

    private void lookAbsent(long now) {
        absentSince = absentSince < 0 ? now : absentSince;
        Path folder = origin.path().getParent();
        if (!isListed || now - absentSince >= ABSENT_NANOS || folder == null || !Files.exists(folder)) {
            current = null;
            finished.clear();
            sources.forEach(source -> source.setLive(false, now));
        }
    }

    private void discover(long now, Consumer<FileSource> opened) throws IOException {
        Set<FileKey> seen = new HashSet<>();
        isSettled = false;
        for (int i = 0; i < MAX_LOOKS && !isSettled; i++) {
            Optional<FileKey> before = FileKey.look(origin.path()).map(FileKey.Look::key);
            for (Path rotated : rotatedOldestFirst()) {
                take(rotated, now, opened).ifPresent(seen::add);
            }
            Optional<FileKey> live = take(origin.path(), now, opened);
            live.ifPresent(seen::add);
            current = live.orElse(null);
            // Else it was rotated behind the listing, which then lacks the file that was live.
            isSettled = live.isPresent() && live.equals(before);
        }
        finished.keySet().retainAll(seen);
        sources.forEach(source -> source.setLive(current != null && source.isOf(current), now));
        declareUnseen(seen);
        lastKnown = current == null ? lastKnown : Set.of(current);
    }

    /**
     * Rotation is a chain of renames: while the file that was live is still in it, all that came later are in it too.
     * When it has dropped out, others may have come and gone between two looks.
     */
    private void declareUnseen(Set<FileKey> seen) {
        if (lastKnown.isEmpty() || lastKnown.stream().anyMatch(seen::contains)) {
            return;
        }
        sources.stream()
                .filter(source -> lastKnown.stream().anyMatch(source::isOf))
                .findFirst()
                .or(() -> sources.stream().findFirst())
                .ifPresent(source -> source.mayHaveLostMore(
                        "rotated out of sight between two looks: later files may have come and gone"));
    }

    private Optional<FileKey> take(Path name, long now, Consumer<FileSource> opened) throws IOException {
        Optional<FileKey> key = FileKey.look(name).map(FileKey.Look::key);
        if (key.isEmpty() || knows(key.get())) {
            return key;
        }
        if (isFinished(name, key.get())) {
            return key;
        }
        Optional<HeldFile> held = HoldFolder.hold(name, origin.containerId(), mayLink.getAsBoolean());
        if (held.isEmpty()) {
            return Optional.empty();
        }
        if (knows(held.get().key())) {
            held.get().close();
            return Optional.of(held.get().key());
        }
        FileSource source = FileSource.open(origin, held.get(), now);
        sources.add(source);
        opened.accept(source);
        return Optional.of(held.get().key());
    }

    /** A rotated file that the collector has: the same inode, and still the same first bytes. */
    private boolean isFinished(Path name, FileKey key) throws IOException {
        Checkpoint.Entry entry = finished.get(key);
        if (entry == null || name.equals(origin.path())) {
            return false;
        }
        try (FileChannel file = FileChannel.open(name)) {
            boolean same = FileFingerprint.read(file, true)
                    .map(print -> print.sourceId(key).value().equals(entry.id()))
                    .orElse(false);
            if (!same) {
                finished.remove(key);
            }
            return same;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    /** A compressed one was held while it was plain, by whoever was there; else it is older than this agent. */
    private List<Path> rotatedOldestFirst() throws IOException {
        return RotatedFiles.oldestFirst(origin.path()).stream()
                .filter(rotated -> !rotated.compressed())
                .map(RotatedFiles.Rotated::path)
                .toList();
    }
}
