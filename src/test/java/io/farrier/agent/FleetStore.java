package io.farrier.agent;

import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.FoundLines;
import io.farrier.collector.store.LineQuery;
import io.farrier.collector.store.LineStore;
import io.farrier.collector.store.SegmentLineStore;
import io.farrier.collector.store.StoredLine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a collector that has ended left on its disk: millions of lines are too many for its API. */
final class FleetStore implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("line (\\d+) ");

    private final LineStore store;

    /**
     * Of a node.
     *
     * @param numbers of all {@code line N}
     * @param twice those that are there more than once
     * @param losses that were declared
     */
    record Lines(BitSet numbers, List<Integer> twice, long losses) {
        boolean areAllTo(int last) {
            return numbers.nextClearBit(1) == last + 1 && numbers.cardinality() == last;
        }
    }

    FleetStore(Path folder) throws IOException {
        this.store = SegmentLineStore.open(folder);
    }

    Lines of(String name) throws IOException {
        NodeName node = new NodeName(name);
        BitSet numbers = new BitSet();
        List<Integer> twice = new ArrayList<>();
        Optional<LineQuery> query =
                Optional.of(LineQuery.newest(LineQuery.MAX_LIMIT).of(node));
        while (query.isPresent()) {
            FoundLines page = store.search(query.get());
            if (!page.complete()) {
                throw new IOException("The search was not complete: " + query.get());
            }
            page.lines().forEach(line -> note(line, numbers, twice));
            Optional<LineQuery> last = query;
            query = page.next().map(id -> last.get().before(id));
        }
        return new Lines(numbers, twice, store.losses(node, Optional.empty(), 1).total());
    }

    private static void note(StoredLine line, BitSet numbers, List<Integer> twice) {
        Matcher number = NUMBER.matcher(line.line().text());
        if (!number.lookingAt()) {
            throw new IllegalStateException("has no number: " + line);
        }
        int found = Integer.parseInt(number.group(1));
        if (numbers.get(found)) {
            twice.add(found);
        }
        numbers.set(found);
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
