package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One search: the newest lines that fit, until the deadline. It reads what it must, the newest blocks first. */
final class LineSearch {
    private static final Logger LOG = LoggerFactory.getLogger(LineSearch.class);

    private final LineQuery query;
    private final BooleanSupplier timeIsOver;
    private final Optional<BitSet> wanted;
    private final BlockReader reader;
    private final List<byte[]> literals;
    private final boolean filters;
    private final LineMatches matches;

    /** A block, or the chunks of a node that wait for one. */
    private record Place(NodeName node, long maxId, Optional<BlockRef> block, List<Chunk> chunks) {}

    /** @param timeIsOver asked before each block; from then on it answers with what it has */
    LineSearch(LineQuery query, BooleanSupplier timeIsOver, Sources sources, BlockReader reader) {
        this.query = query;
        this.timeIsOver = timeIsOver;
        this.wanted = sources.askedFor(query);
        this.reader = reader;
        this.literals = TextFilter.literals(query.text());
        this.filters = literals.stream().anyMatch(literal -> literal.length >= TextFilter.GRAM);
        this.matches = new LineMatches(query, literals);
    }

    /** @param nodes the ones asked for */
    FoundLines in(Map<NodeName, Shelf.View> nodes) {
        List<Place> places = new ArrayList<>();
        nodes.forEach((node, view) -> addPlaces(places, node, view));
        places.sort(Comparator.comparingLong(Place::maxId).reversed());
        for (Place place : places) {
            if (place.maxId <= matches.floor()) {
                break;
            }
            if (timeIsOver.getAsBoolean()) {
                return cutOff(place);
            }
            search(place);
        }
        return matches.found();
    }

    /** What was found among the ids that this place may hold waits for the next page, for there it has all its neighbours. */
    private FoundLines cutOff(Place unsearched) {
        long newest = unsearched.maxId;
        return matches.foundAbove(
                query.before().map(before -> Math.min(newest, before - 1)).orElse(newest));
    }

    private void addPlaces(List<Place> places, NodeName node, Shelf.View view) {
        for (BlockRef block : view.blocks()) {
            if (matches.canHold(block) && wanted.map(block::holdsOneOf).orElse(true)) {
                places.add(new Place(node, block.maxId(), Optional.of(block), List.of()));
            }
        }
        List<Chunk> chunks = view.waiting().stream().filter(this::isWanted).toList();
        chunks.stream()
                .mapToLong(Chunk::lastId)
                .max()
                .ifPresent(maxId -> places.add(new Place(node, maxId, Optional.empty(), inFileOrder(chunks))));
    }

    private static List<Chunk> inFileOrder(List<Chunk> chunks) {
        return chunks.stream()
                .sorted(Comparator.<Chunk>comparingInt(chunk -> chunk.source().number())
                        .thenComparingLong(Chunk::from))
                .toList();
    }

    private boolean isWanted(Chunk chunk) {
        return matches.canHold(chunk)
                && wanted.map(numbers -> numbers.get(chunk.source().number())).orElse(true);
    }

    /** A block that is damaged costs its own lines; one that retention dropped meanwhile is as if it had been. */
    private void search(Place place) {
        if (place.block.isEmpty()) {
            search(place.chunks);
            return;
        }
        try {
            BlockRef block = place.block.get();
            if (!filters || reader.mayHold(block, literals)) {
                search(reader.read(place.node, block).stream()
                        .filter(this::isWanted)
                        .toList());
            }
        } catch (IOException e) {
            LOG.warn("Left out a block of node {}: {}", place.node, e.getMessage());
        }
    }

    private void search(List<Chunk> chunks) {
        List<Chunk> run = new ArrayList<>();
        OpenLine open = new OpenLine();
        for (Chunk chunk : chunks) {
            if (!run.isEmpty() && !open.goesOnIn(chunk)) {
                matches.search(run);
                run = new ArrayList<>();
                open = new OpenLine();
            }
            run.add(chunk);
            open.add(chunk);
        }
        if (!run.isEmpty()) {
            matches.search(run);
        }
    }
}
