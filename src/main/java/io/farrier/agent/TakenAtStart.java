package io.farrier.agent;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.CollectorLink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What of a configuration an agent takes when it starts, and not again: whom it talks to, as who, and whose lines it reads. */
final class TakenAtStart {
    private record Part(String name, Function<FarrierConfig, Object> value) {}

    private static final List<Part> PARTS = List.of(
            new Part("node.name", config -> config.node().name()),
            new Part("node.labels", config -> config.node().labels()),
            new Part("node.distribution", config -> config.node().distribution()),
            new Part("runtime.socket", config -> config.runtime().socket()),
            new Part("collector", config -> config.collector().map(TakenAtStart::comparable)),
            new Part("logs", FarrierConfig::logs),
            new Part("state_dir", FarrierConfig::stateDir));

    private TakenAtStart() {}

    /** The parts that are not what they were, by their names in the file. */
    static List<String> changed(FarrierConfig begun, FarrierConfig now) {
        List<String> names = new ArrayList<>();
        for (Part part : PARTS) {
            if (!part.value().apply(begun).equals(part.value().apply(now))) {
                names.add(part.name());
            }
        }
        return names;
    }

    private static Object comparable(CollectorLink link) {
        return List.of(link.url(), link.ca().map(ByteBuffer::wrap), link.sha256(), link.token());
    }
}
