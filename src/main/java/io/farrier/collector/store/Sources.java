package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** All sources of which something was stored and not long forgotten: about half a kilobyte of memory each. Any thread. */
final class Sources {
    private static final ConcurrentMap<SourceId, Source> EMPTY = new ConcurrentHashMap<>();

    private final AtomicInteger numbers = new AtomicInteger();
    private final ConcurrentMap<NodeName, ConcurrentMap<SourceId, Source>> byNode = new ConcurrentHashMap<>();

    Optional<Source> find(NodeName node, SourceId id) {
        return Optional.ofNullable(byNode.getOrDefault(node, EMPTY).get(id));
    }

    /** The one that is known, or a new one that is described so. */
    Source findOrAdd(NodeName node, SourceId id, Form form, String container) {
        return byNode.computeIfAbsent(node, first -> new ConcurrentHashMap<>())
                .computeIfAbsent(id, first -> new Source(numbers.getAndIncrement(), node, id, form, container, "{}"));
    }

    List<Source> of(NodeName node) {
        return List.copyOf(byNode.getOrDefault(node, EMPTY).values());
    }

    /** The numbers of the sources that a query asks for, empty when it asks for all. */
    Optional<BitSet> askedFor(LineQuery query) {
        if (query.container().isEmpty()) {
            return Optional.empty();
        }
        BitSet numbersAskedFor = new BitSet();
        query.node()
                .map(node -> of(node).stream())
                .orElseGet(this::all)
                .filter(source -> query.container().get().equals(source.container()))
                .forEach(source -> numbersAskedFor.set(source.number()));
        return Optional.of(numbersAskedFor);
    }

    Stream<Source> all() {
        return byNode.values().stream().flatMap(sources -> sources.values().stream());
    }

    void forget(Source source) {
        Map<SourceId, Source> ofNode = byNode.getOrDefault(source.node(), EMPTY);
        ofNode.remove(source.id(), source);
    }
}
