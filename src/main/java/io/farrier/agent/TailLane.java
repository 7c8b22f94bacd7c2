package io.farrier.agent;

import io.farrier.feed.Frame;
import io.farrier.logs.Checkpoint;
import io.farrier.logs.Copies;
import io.farrier.logs.FolderWatch;
import io.farrier.logs.StoredFiles;
import io.farrier.logs.Tail;
import io.farrier.logs.copied.CommitBeat;
import io.farrier.logs.copied.CommitPace;
import io.farrier.logs.copied.Loss;
import io.farrier.metric.Stint;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The one thread of all log files. What others hand over is a snapshot, a number or a bounded queue of acks. */
final class TailLane implements Uplink.Acks, AutoCloseable {
    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);

    /** A container that is removed takes its name along; a burst of rotations is still one write. */
    private static final Duration URGENT_WITHIN = Duration.ofMillis(20);

    /** Copies that have no room left wait for a checkpoint that says what the collector has of them. */
    private static final Duration ROOM_WITHIN = Duration.ofSeconds(1);

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    /** One turn reads a bounded number of bytes of local files. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * Between turns, when it is to cost less. One turn reads some slabs at most: where every turn is followed by this, a few MB
     * a second remain.
     */
    private static final Duration LEAST_REST = Duration.ofMillis(100);

    /** Ten seconds of acks at the rate that a collector may send. */
    private static final int MAX_WAITING_ACKS = 1000;

    private static final int MAX_WAITING_REMOVALS = 1000;

    private final StateLane state;
    private final Optional<CopyLane> journal;
    private final Optional<DockerLane> docker;
    private final Log log;
    private final BlockingQueue<Frame.Ack> acks = new ArrayBlockingQueue<>(MAX_WAITING_ACKS);
    private final BlockingQueue<ContainerSample> removed = new ArrayBlockingQueue<>(MAX_WAITING_REMOVALS);
    private final AtomicReference<@Nullable List<ContainerSample>> table = new AtomicReference<>();
    private final AtomicLong written = new AtomicLong();
    private final Stint stint;
    private final CommitPace checkpoints;
    private final Thread thread;
    private volatile Optional<Tail.Status> status = Optional.empty();
    private volatile boolean isClosed;
    private volatile boolean rests;
    private volatile boolean isUnhurried;
    private @Nullable Tail tail;
    private long statusAt;
    private long handedOver;
    private final Set<Loss> declared = new HashSet<>();

    /**
     * @param journal whose files are tailed too
     * @param docker the same
     */
    TailLane(StateLane state, Optional<CopyLane> journal, Optional<DockerLane> docker, LongSupplier nanos, Log log) {
        this.state = state;
        this.journal = journal;
        this.docker = docker;
        this.log = log;
        this.stint = new Stint("tailing the logs", PATIENCE, nanos);
        this.checkpoints = new CommitPace(CommitBeat.CURSORS, System.nanoTime());
        this.thread = Threads.named("farrier-tail").newThread(this::run);
    }

    void start(Tail reads) {
        tail = reads;
        thread.start();
    }

    /** The containers as they are now; of several tables that wait the latest counts. */
    void containers(List<ContainerSample> containers) {
        table.set(List.copyOf(containers));
        changed();
    }

    /** A container that ran is gone. @param container as far as that told who it was */
    void removed(ContainerSample container) {
        if (!removed.offer(container)) {
            log.seldom("Containers are removed faster than their logs can be looked for");
        }
    }

    /** Whether it rests after every turn, more to read or not; the files wait. */
    void rest(boolean afterEveryTurn) {
        rests = afterEveryTurn;
    }

    /**
     * Whether what was read to its end waits until some more has come, instead of being looked at as soon as it stirs, and
     * names of new sources until several can be forced to disk together. A line that comes alone does not wait, except where
     * lines are copied.
     */
    void unhurried(boolean unhurried) {
        isUnhurried = unhurried;
        copiers().forEach(lane -> lane.unhurried(unhurried));
    }

    @Override
    public boolean acked(Frame.Ack ack) {
        return acks.offer(ack);
    }

    @Override
    public void changed() {
        LockSupport.unpark(thread);
    }

    Optional<Tail.Status> status() {
        return status;
    }

    /** What it does, as the watchdog sees it. */
    Stint stint() {
        return stint;
    }

    @Override
    public void close() {
        isClosed = true;
        changed();
        try {
            thread.join(CLOSE_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Tail reads = tail;
        if (reads == null) {
            return;
        }
        if (copiers().findAny().isPresent()) {
            reads.readCopies(FolderWatch.open(this::changed));
        }
        while (!isClosed) {
            boolean more = false;
            stint.moved();
            try {
                more = round(reads);
            } catch (RuntimeException unforeseen) {
                log.seldom("Tailing logs met what was not foreseen, and goes on: " + unforeseen);
            }
            if (rests || !more) {
                stint.rests();
                rest(reads);
            }
        }
        end(reads);
    }

    private void rest(Tail reads) {
        long begun = System.nanoTime();
        if (!rests) {
            LockSupport.parkNanos(reads.rest().toNanos());
        }
        restUntil(begun
                + Math.max(rests ? LEAST_REST.toNanos() : 0, reads.leastRest().toNanos()));
    }

    /**
     * Whatever is written: a file that is written all the time wakes this thread all the time. A container that came or went is
     * looked for at once; it may not be there for long.
     */
    private void restUntil(long earliest) {
        for (long left = earliest - System.nanoTime(); left > 0 && !isAwaited(); left = earliest - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private boolean isAwaited() {
        return isClosed || table.get() != null || !removed.isEmpty();
    }

    private boolean round(Tail reads) {
        for (Frame.Ack ack = acks.poll(); ack != null; ack = acks.poll()) {
            reads.ack(ack);
        }
        reads.copies(copies());
        List<ContainerSample> fresh = table.getAndSet(null);
        if (fresh != null) {
            reads.containers(fresh);
            docker.ifPresent(lane -> lane.containers(reads.withoutFile(), reads.outOfScope()));
        }
        for (ContainerSample gone = removed.poll(); gone != null; gone = removed.poll()) {
            reads.removed(gone);
        }
        declare(reads);
        reads.written(written.get());
        reads.unhurried(isUnhurried);
        boolean more = reads.turn();
        if (System.nanoTime() - statusAt >= STATUS_EVERY.toNanos()) {
            statusAt = System.nanoTime();
            status = Optional.of(reads.status());
        }
        if (isCheckpointDue(reads)) {
            checkpoint(reads);
        }
        return more;
    }

    /** A kill costs at most what was acknowledged since the last one: it is sent again, and the store ignores it. */
    private boolean isCheckpointDue(Tail reads) {
        long now = System.nanoTime();
        long since = checkpoints.since(now);
        // Where etcd waits for each of our fsyncs (SAFETY 23) names wait for their share.
        boolean mayName = isUnhurried ? checkpoints.isFree(now) : since >= URGENT_WITHIN.toNanos();
        return checkpoints.isDue(now)
                || mayName && reads.hasNewNames()
                || since >= URGENT_WITHIN.toNanos() && reads.isUrgent()
                || since >= ROOM_WITHIN.toNanos()
                        && copiers().anyMatch(lane -> lane.status().isFull());
    }

    private Stream<CopyLane> copiers() {
        return Stream.concat(journal.stream(), docker.map(DockerLane::lane).stream());
    }

    private Copies copies() {
        return new Copies(
                journal.map(CopyLane::logs).orElse(Map.of()),
                docker.map(lane -> lane.lane().logs()).orElse(Map.of()),
                docker.map(DockerLane::unread));
    }

    private void declare(Tail reads) {
        Set<Loss> losses = copiers().flatMap(lane -> lane.losses().stream()).collect(Collectors.toSet());
        declared.retainAll(losses);
        losses.removeAll(declared);
        declared.addAll(reads.mayHaveLost(losses));
    }

    private void checkpoint(Tail reads) {
        if (handedOver > written.get()) {
            // Not on disk by now: it hangs, or it is full. A later one says all that this one said.
            reads.remindOfCheckpoint();
        }
        Optional<Checkpoint> cursors = reads.checkpoint();
        // Where nobody waits for them they are free.
        int fsyncs = isUnhurried ? cursors.map(Checkpoint::fsyncs).orElse(0) : 0;
        checkpoints.committed(fsyncs, System.nanoTime());
        cursors.ifPresent(this::handOver);
    }

    private void handOver(Checkpoint cursors) {
        handedOver = cursors.version();
        Set<Loss> losses = Set.copyOf(declared);
        state.write(cursors, version -> {
            written.accumulateAndGet(version, Math::max);
            if (version == cursors.version()) {
                StoredFiles stored = new StoredFiles(cursors);
                copiers().forEach(lane -> lane.written(stored::has, losses));
            }
        });
    }

    private void end(Tail reads) {
        checkpoint(reads);
        try {
            reads.close();
        } catch (IOException failed) {
            log.seldom("Tried to close the log files and could not: " + failed.getMessage());
        }
    }
}
