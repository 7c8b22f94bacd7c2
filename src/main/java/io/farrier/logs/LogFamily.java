package io.farrier.logs;

import io.farrier.feed.Frame;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A log and the files it was rotated to: the live one and those that are not yet wholly with the collector. */
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

    /** There was a live file at the last look, which went before it could be opened. */
    private boolean isLiveUnseen;

    private final Opening opening;
    private Set<FileKey> lastKnown;
    private boolean isListed;

    /** Whether what was rotated before this log was first seen has been opened, as far as it is wanted. */
    private boolean hasReadHistory;

    /** Whether all files were seen that there were when the live one was. */
    private boolean isSettled;

    private long absentSince = -1;

    /** Nothing was seen to happen since; a folder that is at rest is watched, not looked at. */
    private long stirredAt;

    private boolean isWatched;

    /** @param lastKnown files among which is the one that was live when an earlier run last looked; empty when none did */
    LogFamily(LogOrigin origin, Set<FileKey> lastKnown, Opening opening) {
        this.origin = origin;
        this.lastKnown = lastKnown;
        this.hasReadHistory = !lastKnown.isEmpty();
        this.opening = opening;
    }

    /**
     * How files are opened.
     *
     * @param mayLink whether they may be held by links
     * @param historyBytes how much is read of what was rotated before this log was first seen
     * @param areOurs whether nobody else removes the files, and we only what the collector has
     * @param inflaters shared by all
     * @param remembered what an earlier run wrote down and was not found yet
     */
    record Opening(
            BooleanSupplier mayLink,
            long historyBytes,
            boolean areOurs,
            GzipBytes.Inflaters inflaters,
            Supplier<List<Checkpoint.Entry>> remembered) {}

    LogOrigin origin() {
        return origin;
    }

    List<FileSource> sources() {
        return sources;
    }

    Map<FileKey, Checkpoint.Entry> finished() {
        return finished;
    }

    boolean hasLive() {
        return current != null;
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
        sources.add(0, FileSource.adopted(origin, held, now));
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

    private void lookAbsent(long now) throws IOException {
        absentSince = absentSince < 0 ? now : absentSince;
        Path folder = origin.path().getParent();
        if (!isListed || now - absentSince >= ABSENT_NANOS || folder == null || !Files.exists(folder)) {
            declareUnseenEnd();
            current = null;
            finished.clear();
            sources.forEach(source -> source.setLive(false, now));
        }
    }

    /** The log is gone. When the file that was live had been rotated before, later ones have come and gone too. */
    private void declareUnseenEnd() throws IOException {
        if (opening.areOurs()) {
            return;
        }
        Optional<FileSource> last = isLiveUnseen
                ? sources.stream().reduce((older, newer) -> newer)
                : sources.stream()
                        .filter(source -> current == null ? source.wasLive() : source.isOf(current))
                        .findFirst();
        if (last.isPresent() && (isLiveUnseen || mayHaveBeenRotated(last.get()))) {
            isLiveUnseen = false;
            last.get()
                    .mayHaveLostMore(
                            "the log went between two looks, rotated perhaps once more: later files may have come"
                                    + " and gone");
        }
    }

    private boolean mayHaveBeenRotated(FileSource last) throws IOException {
        Optional<HeldFile> file = last.file();
        if (file.isEmpty()) {
            return false;
        }
        if (file.get().content().size() < origin.fileBytes()) {
            // Not full: whoever puts full files aside has not done so.
            return false;
        }
        // What logrotate leaves without a successor is still in the chain when one comes.
        boolean mayHaveSuccessor = origin.form() == Frame.Form.PLAIN && new OtherNames().of(file.get()) > 0;
        return !mayHaveSuccessor
                && LastName.of(file.get().key())
                        .filter(name -> name.endsWith(origin.path().getFileName()))
                        .isEmpty();
    }

    private void discover(long now, Consumer<FileSource> opened) throws IOException {
        Set<FileKey> seen = new HashSet<>();
        isSettled = false;
        for (int i = 0; i < MAX_LOOKS && !isSettled; i++) {
            Optional<FileKey> before = FileKey.look(origin.path()).map(FileKey.Look::key);
            for (RotatedFiles.Rotated rotated : wantedOldestFirst()) {
                takeRotated(rotated, seen, now, opened);
            }
            Optional<FileKey> live = take(origin.path(), now, opened);
            live.ifPresent(seen::add);
            current = live.orElse(null);
            isLiveUnseen = live.isEmpty();
            // Else it was rotated behind the listing, which then lacks the file that was live.
            isSettled = live.isPresent() && live.equals(before);
        }
        hasReadHistory |= isSettled;
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

    /** @param seen hears which file it is, and which one it was before it was compressed or copied */
    private void takeRotated(RotatedFiles.Rotated rotated, Set<FileKey> seen, long now, Consumer<FileSource> opened)
            throws IOException {
        Optional<FileKey> look = FileKey.look(rotated.path()).map(FileKey.Look::key);
        if (look.isEmpty()) {
            return;
        }
        FileKey key = look.get();
        seen.add(key);
        Optional<FileFingerprint> head = knows(key) ? Optional.empty() : headOf(rotated);
        Optional<FileSource> original = sources.stream()
                .filter(source ->
                        source.isOf(key) || head.map(source::hasSameHead).orElse(false))
                .findFirst();
        if (original.isPresent()) {
            original.get().identity().ifPresent(seen::add);
            return;
        }
        Optional<Checkpoint.Entry> past = head.flatMap(print -> sameFile(print, key));
        if (past.isPresent()) {
            finished.put(key, past.get());
            seen.add(past.get().key());
            return;
        }
        finished.remove(key);
        Optional<FileKey> gone = head.flatMap(print -> remembered(print, key));
        gone.ifPresent(seen::add);
        open(rotated.path(), Optional.of(key), gone, now, opened).ifPresent(seen::add);
    }

    private Optional<FileKey> take(Path name, long now, Consumer<FileSource> opened) throws IOException {
        Optional<FileKey> key = FileKey.look(name).map(FileKey.Look::key);
        return key.isEmpty() || knows(key.get()) ? key : open(name, Optional.empty(), Optional.empty(), now, opened);
    }

    private Optional<FileKey> open(
            Path name, Optional<FileKey> looked, Optional<FileKey> gone, long now, Consumer<FileSource> opened)
            throws IOException {
        Optional<HeldFile> held =
                HoldFolder.hold(name, origin.containerId(), opening.mayLink().getAsBoolean(), opening.inflaters());
        if (held.isEmpty()) {
            return Optional.empty();
        }
        FileKey key = held.get().key();
        if (knows(key)) {
            held.get().close();
            return Optional.of(key);
        }
        if (looked.isPresent() && !looked.get().equals(key)) {
            // Rotated since: it has another name now, under which the next listing finds it.
            held.get().close();
            return Optional.empty();
        }
        FileSource source = FileSource.openFor(gone.orElse(key), origin, held.get(), now);
        sources.add(source);
        opened.accept(source);
        return Optional.of(key);
    }

    /** Of a file that the collector has: itself, still with the same first bytes, or what became of it. */
    private Optional<Checkpoint.Entry> sameFile(FileFingerprint print, FileKey key) {
        Optional<Checkpoint.Entry> itself =
                Optional.ofNullable(finished.get(key)).filter(entry -> print.isExactly(entry, entry.key()));
        return itself.isPresent()
                ? itself
                : finished.values().stream().filter(print::isOf).findFirst();
    }

    /** The file under which an earlier run knew these lines. */
    private Optional<FileKey> remembered(FileFingerprint print, FileKey key) {
        return opening.remembered().get().stream()
                .filter(entry -> entry.containerId().equals(origin.containerId()))
                .filter(entry -> print.isExactly(entry, key) || print.isOf(entry))
                .map(Checkpoint.Entry::key)
                .findFirst();
    }

    private static Optional<FileFingerprint> headOf(RotatedFiles.Rotated rotated) throws IOException {
        try (FileChannel file = FileChannel.open(rotated.path())) {
            return FileFingerprint.read(rotated.compressed() ? GzipBytes.head(file) : new PlainBytes(file), true);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /** A file that was copied before it was truncated: what is in the copy is not lost. */
    Optional<HeldFile> copyOf(FileSource truncated) throws IOException {
        isSettled = false;
        for (RotatedFiles.Rotated rotated : RotatedFiles.oldestFirst(origin.path())) {
            Optional<FileFingerprint> head = headOf(rotated);
            if (head.isPresent() && truncated.hasSameHead(head.get())) {
                return HoldFolder.hold(
                        rotated.path(), origin.containerId(), opening.mayLink().getAsBoolean(), opening.inflaters());
            }
        }
        return Optional.empty();
    }

    /** Without those that are older than the first look and more than is wanted of that. */
    private List<RotatedFiles.Rotated> wantedOldestFirst() throws IOException {
        List<RotatedFiles.Rotated> rotated = RotatedFiles.oldestFirst(origin.path());
        int history = historyIn(rotated);
        int from = history;
        long left = hasReadHistory ? 0 : opening.historyBytes();
        while (from > 0) {
            left -= rotated.get(from - 1).contentBytes();
            if (left < 0) {
                break;
            }
            from--;
        }
        return rotated.subList(from, rotated.size());
    }

    /** Rotated files only get older: what lies before one that is known was there before this log was first seen. */
    private int historyIn(List<RotatedFiles.Rotated> rotated) throws IOException {
        for (int i = 0; i < rotated.size(); i++) {
            if (isKnown(rotated.get(i))) {
                return i;
            }
        }
        Set<FileKey> live =
                FileKey.look(origin.path()).map(FileKey.Look::key).map(Set::of).orElse(Set.of());
        boolean wasFollowed = !lastKnown.isEmpty() && !lastKnown.equals(live);
        return wasFollowed ? 0 : rotated.size();
    }

    private boolean isKnown(RotatedFiles.Rotated rotated) throws IOException {
        Optional<FileKey> key = FileKey.look(rotated.path()).map(FileKey.Look::key);
        if (key.isEmpty()) {
            return false;
        }
        if (knows(key.get()) || lastKnown.contains(key.get())) {
            return true;
        }
        Optional<FileFingerprint> head = headOf(rotated);
        return head.isPresent()
                && (sameFile(head.get(), key.get()).isPresent()
                        || remembered(head.get(), key.get()).isPresent()
                        || sources.stream().anyMatch(source -> !source.isLive() && source.hasSameHead(head.get())));
    }
}
