package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.segment.NotASegmentException;
import io.farrier.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's blocks: a folder of numbered files, written at the end of the last one, deleted from the first one on. No
 * file stays open: a fleet has more nodes than a process has descriptors. One writer.
 */
final class Segments {
    private static final Logger LOG = LoggerFactory.getLogger(Segments.class);
    private static final String SUFFIX = ".segment";

    private final NodeName node;
    private final Path folder;
    private final StoreLimits limits;
    private final Deque<File> files = new ArrayDeque<>();
    private int next = 1;

    /** What was found, or written, in one file. */
    private static final class File {
        final Path path;
        final List<BlockRef> blocks = new ArrayList<>();
        long length;
        boolean sealed;

        File(Path path) {
            this.path = path;
        }

        long firstReceived() {
            return blocks.isEmpty() ? 0 : blocks.get(0).minReceived();
        }

        long lastReceived() {
            return blocks.stream().mapToLong(BlockRef::maxReceived).max().orElse(Long.MIN_VALUE);
        }
    }

    private Segments(NodeName node, Path folder, StoreLimits limits) {
        this.node = node;
        this.folder = folder;
        this.limits = limits;
    }

    /** Reads the heads of all blocks, and tells {@code sources} what is stored. */
    static Segments open(NodeName node, Path folder, StoreLimits limits, Sources sources, Codecs codecs)
            throws IOException {
        Segments segments = new Segments(node, folder, limits);
        if (Files.isDirectory(folder)) {
            for (Path path : segments.inOrder()) {
                segments.read(path, sources, codecs);
            }
        }
        return segments;
    }

    /** Writes the chunks as blocks, on disk when this returns; when it fails, nothing of them is there. */
    void write(BlockWriter writer, List<List<Chunk>> blocks) throws IOException {
        File file = fileFor(blocks.get(0).get(0).received());
        List<BlockRef> written = new ArrayList<>();
        try (Segment segment = file.length == 0
                ? Segment.open(file.path, (position, payload) -> {})
                : Segment.resume(file.path, file.length)) {
            try {
                for (List<Chunk> block : blocks) {
                    written.add(writer.write(segment, file.path, file.length, block));
                }
                segment.force();
            } catch (IOException | RuntimeException failed) {
                // After an fsync that failed, nobody knows what the disk holds behind the old end.
                file.sealed = true;
                segment.cutBack(Math.min(file.length, segment.length()));
                dropIfEmpty(file);
                throw failed;
            }
            file.length = segment.length();
            file.blocks.addAll(written);
        }
    }

    Stream<BlockRef> blocks() {
        return files.stream().flatMap(file -> file.blocks.stream());
    }

    long bytes() {
        return files.stream().mapToLong(file -> file.length).sum();
    }

    /** When its last line was received, empty without a file. */
    OptionalLong lastReceivedOfOldest() {
        return files.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(files.peekFirst().lastReceived());
    }

    /** The heads of the blocks that {@link #dropOldest} will drop; those that are damaged are left out. */
    List<BlockHead> headsOfOldest(Codecs codecs) throws IOException {
        List<BlockHead> heads = new ArrayList<>();
        File oldest = files.peekFirst();
        if (oldest == null || oldest.blocks.isEmpty()) {
            return heads;
        }
        try (Segment segment = Segment.forReading(oldest.path)) {
            for (BlockRef block : oldest.blocks) {
                try {
                    heads.add(BlockHead.decode(segment.read(block.headAt()), codecs));
                } catch (IOException damaged) {
                    LOG.warn("Dropping a block unread: {}", damaged.getMessage());
                }
            }
        } catch (NoSuchFileException | NotASegmentException gone) {
            LOG.warn("Dropping a segment unread: {}", gone.getMessage());
        }
        return heads;
    }

    void dropOldest() throws IOException {
        File oldest = files.peekFirst();
        if (oldest != null) {
            Files.deleteIfExists(oldest.path);
            files.removeFirst();
        }
    }

    private File fileFor(long received) throws IOException {
        File last = files.peekLast();
        if (last != null && !last.sealed && last.length < limits.segmentBytes() && isNear(last, received)) {
            return last;
        }
        Files.createDirectories(folder);
        File begun = new File(path(next));
        next++;
        files.addLast(begun);
        return begun;
    }

    private void dropIfEmpty(File file) throws IOException {
        if (file.blocks.isEmpty()) {
            files.remove(file);
            Files.deleteIfExists(file.path);
        }
    }

    private boolean isNear(File file, long received) {
        Duration distance = Duration.ofMillis(Math.abs(received - file.firstReceived()));
        return file.blocks.isEmpty() || distance.compareTo(limits.segmentSpan()) <= 0;
    }

    private void read(Path path, Sources sources, Codecs codecs) throws IOException {
        File file = new File(path);
        next = Math.max(next, Integer.parseInt(path.getFileName().toString().substring(0, 10)) + 1);
        Heads heads = new Heads(file, sources, codecs);
        try (Segment segment = Segment.open(path, heads)) {
            heads.keepWhatIsWhole(segment);
            file.length = segment.length();
            files.addLast(file);
            if (segment.skippedBytes() > 0) {
                LOG.warn("{} is damaged: {} bytes in it are no block any more", path, segment.skippedBytes());
            }
        } catch (NotASegmentException damaged) {
            Path aside = path.resolveSibling(path.getFileName() + ".damaged");
            Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn("{}. It is now {}, and its lines are lost.", damaged.getMessage(), aside.getFileName());
        }
    }

    private final class Heads implements Segment.Visitor {
        private final File file;
        private final Sources sources;
        private final Codecs codecs;
        private final Set<Long> unread = new HashSet<>();
        private final NavigableMap<Long, BlockHead> found = new TreeMap<>();

        Heads(File file, Sources sources, Codecs codecs) {
            this.file = file;
            this.sources = sources;
            this.codecs = codecs;
        }

        @Override
        public void unread(long position) {
            unread.add(position);
        }

        @Override
        public void record(long position, ByteBuffer payload) throws IOException {
            try {
                BlockHead head = BlockHead.decode(payload, codecs);
                if (unread.contains(head.bodyAt())) {
                    found.put(position, head);
                }
            } catch (CodecMissingException untouched) {
                throw untouched;
            } catch (IOException e) {
                LOG.warn("The block at {} of {} is left out: {}", position, file.path, e.getMessage());
            }
        }

        /**
         * What was written by the last fold may be torn; then it was never released from the journal. Its head is struck
         * out: after the next fold nobody would look at the body again, and the head would claim lines that are stored
         * elsewhere.
         */
        void keepWhatIsWhole(Segment segment) throws IOException {
            long forced = found.isEmpty() ? 0 : found.lastEntry().getValue().forced();
            for (Map.Entry<Long, BlockHead> block : found.entrySet()) {
                if (block.getValue().bodyAt() < forced || isWhole(segment, block.getValue())) {
                    keep(block.getKey(), block.getValue());
                } else {
                    segment.strike(block.getKey());
                }
            }
        }

        private void keep(long position, BlockHead head) {
            int[] numbers = new int[head.parts().size()];
            for (int i = 0; i < numbers.length; i++) {
                BlockHead.Part part = head.parts().get(i);
                Source source = part.source(node, sources);
                numbers[i] = source.number();
                source.store(part.range(), part.lines(), part.received());
            }
            file.blocks.add(BlockRef.of(file.path, position, head, numbers));
        }

        private boolean isWhole(Segment segment, BlockHead head) {
            try {
                segment.read(head.bodyAt());
                return true;
            } catch (IOException torn) {
                LOG.warn("A block of {} is left out: {}", file.path, torn.getMessage());
                return false;
            }
        }
    }

    private List<Path> inOrder() throws IOException {
        try (Stream<Path> there = Files.list(folder)) {
            return there.filter(file -> file.getFileName().toString().matches("[0-9]{10}\\" + SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    private Path path(int number) {
        return folder.resolve(String.format("%010d", number) + SUFFIX);
    }
}
