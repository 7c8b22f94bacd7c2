package io.farrier.logs.docker;

import io.farrier.logs.copied.CommitBeat;
import io.farrier.logs.copied.CommitPace;
import io.farrier.logs.copied.CopiedFile;
import io.farrier.logs.copied.CopiedFiles;
import io.farrier.logs.copied.LineCopier;
import io.farrier.logs.copied.Loss;
import io.farrier.logs.copied.PositionFile;
import io.farrier.logs.copied.Stored;
import io.farrier.sample.ContainerSample;
import io.farrier.transport.SilentPeerException;
import io.farrier.transport.UnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Copies the logs of the containers that are wanted. One thread owns it, as every {@link LineCopier}; the table of
 * containers comes from another one.
 */
public final class ContainerCopies implements LineCopier {
    /** While there are none; a new table wakes. */
    private static final Duration NOTHING_TO_DO = Duration.ofMinutes(1);

    /** Each is a connection to dockerd, and a reader there. */
    static final int MAX_CONTAINERS = 200;

    /** Those that are gone and not yet with the collector count too: each has a place in the position. */
    private static final int MAX_COPIES = 1000;

    private static final Duration DAEMON_PAUSE = Duration.ofSeconds(10);

    private static final Pattern ID = Pattern.compile("[0-9a-f]{12,64}");

    private record Table(List<ContainerSample> wanted, Set<String> outOfScope) {}

    private final DockerLogs docker;
    private final PositionFile<ContainerPosition.All> positions;
    private final CopiedFiles files;
    private final CommitPace commits;
    private final LongSupplier nanos;
    private final Clock clock;
    private final Map<String, ContainerCopy> copies = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Table> table = new AtomicReference<>();
    private final Set<String> tooMany = new HashSet<>();
    private volatile Set<String> unread = Set.of();
    private volatile Map<String, Path> logs = Map.of();
    private @Nullable String problem;
    private ContainerPosition.All committed;

    /** Of all containers: a daemon that does not answer one does not answer the next. */
    private long askNotBefore;

    /** For something that must not wait for the next commit. */
    private long lookedAt;

    private ContainerCopies(
            DockerLogs docker,
            PositionFile<ContainerPosition.All> positions,
            CopiedFiles files,
            ContainerPosition.All committed,
            LongSupplier nanos,
            Clock clock) {
        this.docker = docker;
        this.positions = positions;
        this.files = files;
        this.nanos = nanos;
        this.clock = clock;
        this.committed = committed;
        long now = nanos.getAsLong();
        this.commits = new CommitPace(CommitBeat.COPIES, now);
        this.lookedAt = now;
        this.askNotBefore = now;
    }

    /** @param folder of the files, made when it is not there */
    public static ContainerCopies open(DockerLogs docker, Path folder, LongSupplier nanos, Clock clock)
            throws IOException {
        return open(docker, folder, CopiedFiles.MAX_BYTES, nanos, clock);
    }

    static ContainerCopies open(DockerLogs docker, Path folder, long maxBytes, LongSupplier nanos, Clock clock)
            throws IOException {
        PositionFile<ContainerPosition.All> positions = new PositionFile<>(folder, ContainerPosition.All.class);
        ContainerPosition.All committed = positions.read().orElse(ContainerPosition.All.NONE);
        Map<String, ContainerPosition> known = committed.containers();
        Map<String, CopiedFile.End> ends = new HashMap<>();
        known.forEach((id, position) -> {
            if (position.file() != null) {
                ends.put(id, position.file());
            }
        });
        CopiedFiles files = CopiedFiles.open(folder, maxBytes, known.keySet(), ends);
        ContainerCopies opened = new ContainerCopies(docker, positions, files, committed, nanos, clock);
        known.forEach((id, position) -> opened.copies.put(id, new ContainerCopy(id, position, nanos.getAsLong())));
        opened.publish();
        return opened;
    }

    /**
     * The containers as they are now; of several tables that wait the latest counts. Any thread.
     *
     * @param wanted those in scope whose log is in no file
     * @param outOfScope ids of those that are there and whose lines stay on the node
     */
    public void containers(List<ContainerSample> wanted, Set<String> outOfScope) {
        table.set(new Table(List.copyOf(wanted), Set.copyOf(outOfScope)));
    }

    /** Ids of those whose lines cannot be had. Any thread. */
    public Set<String> unread() {
        return unread;
    }

    @Override
    public Map<String, Path> logs() {
        return logs;
    }

    @Override
    public Set<Loss> losses() {
        Set<Loss> losses = new HashSet<>();
        copies.values().forEach(copy -> copy.loss().ifPresent(reason -> losses.add(new Loss(copy.id(), reason))));
        return losses;
    }

    @Override
    public void told(Set<Loss> losses) {
        for (Loss loss : losses) {
            Optional.ofNullable(copies.get(loss.log()))
                    .filter(copy -> copy.loss().equals(Optional.of(loss.reason())))
                    .ifPresent(ContainerCopy::lossIsTold);
        }
    }

    @Override
    public void delete(Stored stored) throws IOException {
        if (copies.isEmpty()) {
            return;
        }
        files.delete(stored);
        Set<String> left = files.names();
        if (copies.values().removeIf(copy -> copy.isRetired() && !left.contains(copy.id()))) {
            publish();
        }
    }

    @Override
    public Status status() {
        return new Status(files.bytes(), files.isFull(), Optional.ofNullable(problem));
    }

    @Override
    public Duration turn() {
        try {
            Table fresh = table.getAndSet(null);
            if (fresh != null) {
                adopt(fresh);
            }
            boolean more = false;
            for (ContainerCopy copy : List.copyOf(copies.values())) {
                // One answer after the other: each may bring an hour of lines.
                more |= turn(copy, !more);
            }
            commitIfDue();
            return more ? Duration.ZERO : rest();
        } catch (IOException failed) {
            problem = String.valueOf(failed.getMessage());
            return LONG_REST;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            commit();
        } finally {
            copies.values().forEach(ContainerCopy::close);
            files.close();
        }
    }

    private Duration rest() {
        if (copies.isEmpty()) {
            return NOTHING_TO_DO;
        }
        long now = nanos.getAsLong();
        return copies.values().stream().allMatch(copy -> copy.isQuiet(now)) ? LONG_REST : REST;
    }

    private void adopt(Table fresh) throws IOException {
        Set<String> there = new HashSet<>();
        Set<String> before = Set.copyOf(copies.keySet());
        tooMany.clear();
        for (ContainerSample container : fresh.wanted()) {
            there.add(container.id());
            copyOf(container.id(), there.size())
                    .ifPresentOrElse(copy -> copy.isThere(container), () -> tooMany.add(container.id()));
        }
        for (ContainerCopy copy : List.copyOf(copies.values())) {
            if (fresh.outOfScope().contains(copy.id())) {
                copy.close();
                files.drop(copy.id());
                copies.remove(copy.id());
            } else if (!there.contains(copy.id())) {
                copy.isRemoved();
            }
        }
        if (!before.containsAll(copies.keySet())) {
            // Before their first line: a file that no position knows is in nobody's scope.
            commit();
        }
        publish();
    }

    private Optional<ContainerCopy> copyOf(String id, int count) {
        ContainerCopy known = copies.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        if (count > MAX_CONTAINERS
                || copies.size() >= MAX_COPIES
                || !ID.matcher(id).matches()) {
            return Optional.empty();
        }
        long since = clock.instant().minus(HISTORY).getEpochSecond();
        ContainerCopy made =
                new ContainerCopy(id, new ContainerPosition(since, Marks.NONE, null, false, null), nanos.getAsLong());
        copies.put(id, made);
        return Optional.of(made);
    }

    /** @return true when there is more of it */
    private boolean turn(ContainerCopy copy, boolean mayAsk) throws IOException {
        if (copy.isOver()) {
            if (!copy.isRetired()) {
                end(copy);
            }
            return false;
        }
        if (files.isFull()) {
            // Not left open: dockerd forgets files that it rotates while nobody reads, and would not tell.
            copy.waitForRoom();
            return false;
        }
        long now = nanos.getAsLong();
        try {
            if (mayAsk && now - askNotBefore >= 0 && copy.isDue(now)) {
                copy.open(docker, now);
                problem = null;
                publish();
            }
            boolean more = copy.copy(files, now);
            rotateIfGrown(copy);
            return more;
        } catch (UnreachableException | SilentPeerException away) {
            askNotBefore = now + DAEMON_PAUSE.toNanos();
            return stop(copy, away, now);
        } catch (IOException failed) {
            return stop(copy, failed, now);
        }
    }

    private boolean stop(ContainerCopy copy, IOException why, long now) {
        problem = String.valueOf(why.getMessage());
        copy.stop(now);
        return false;
    }

    /** What was copied of a container that is gone stays until the collector has it, and so does what it lost. */
    private void end(ContainerCopy copy) throws IOException {
        copy.end();
        boolean isTold = copy.loss().isEmpty() || !files.names().contains(copy.id());
        if (isTold) {
            files.retire(copy.id());
            copy.retire();
        }
    }

    /** Not within a line: the store joins the pieces of one file. */
    private void rotateIfGrown(ContainerCopy copy) throws IOException {
        if (files.isGrown(copy.id()) && (!copy.isWithinLine() || files.isOvergrown(copy.id()))) {
            commit();
            files.rotate(copy.id());
            commit();
            // Twice, so that the position before the last one is of the new file too.
            write(committed);
        }
    }

    /** That more was read can wait; which containers there are, and that one has ended, decides what a next run declares. */
    private void commitIfDue() throws IOException {
        long now = nanos.getAsLong();
        if (commits.isDue(now)) {
            commit();
        } else if (CommitBeat.CURSORS.isBetween(lookedAt, now)) {
            lookedAt = now;
            if (!positions(Map.of()).isOnlyFurtherThan(committed)) {
                commit();
            }
        }
    }

    /** How far everything has been read, once what was read is on disk. */
    private void commit() throws IOException {
        int fsyncs = files.unforced();
        ContainerPosition.All position = positions(files.force());
        commits.committed(fsyncs, nanos.getAsLong());
        if (!position.equals(committed)) {
            write(position);
        }
    }

    private ContainerPosition.All positions(Map<String, CopiedFile.End> ends) {
        Map<String, ContainerPosition> all = new HashMap<>();
        copies.values().forEach(copy -> all.put(copy.id(), copy.position(ends.get(copy.id()))));
        return new ContainerPosition.All(all);
    }

    private void write(ContainerPosition.All position) throws IOException {
        positions.write(position);
        commits.committed(1, nanos.getAsLong());
        committed = position;
    }

    private void publish() {
        Map<String, Path> paths = new HashMap<>();
        copies.keySet().forEach(id -> paths.put(id, files.path(id)));
        logs = Map.copyOf(paths);
        List<String> without = new ArrayList<>(tooMany);
        copies.values().stream()
                .filter(copy -> copy.unreadable().isPresent())
                .map(ContainerCopy::id)
                .forEach(without::add);
        unread = Set.copyOf(without);
    }
}
