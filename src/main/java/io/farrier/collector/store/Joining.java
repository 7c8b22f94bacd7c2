package io.farrier.collector.store;

import io.farrier.config.CollectorConfig.JoinPattern;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.rules.MultiLine;
import java.util.HashMap;
import java.util.Map;

/** Which lines one reader wants to see as one, container by container. Not for several threads. */
public final class Joining {
    /** As {@code collector.yaml} says of each container, else by the traces of Java, Go and Python. */
    public static final String AUTO = "auto";

    private final String name;
    private final Lines lines;
    private final Map<String, MultiLine> compiled = new HashMap<>();

    private Joining(String name, Lines lines) {
        this.name = name;
        this.lines = lines;
    }

    /**
     * @param name {@link #AUTO}, that of a built-in pattern, or one of {@code collector.yaml}
     * @throws IllegalArgumentException when it is none of them
     */
    public static Joining named(String name, Lines lines) {
        if (!name.equals(AUTO)
                && !MultiLine.isBuiltIn(name)
                && !lines.patterns().containsKey(name)) {
            throw new IllegalArgumentException(
                    "join is not known; expected auto, java, go, python, traces or a pattern of collector.yaml");
        }
        return new Joining(name, lines);
    }

    MultiLine of(String container) {
        String pattern = name.equals(AUTO) ? lines.join().getOrDefault(container, MultiLine.TRACES) : name;
        return compiled.computeIfAbsent(pattern, this::compile);
    }

    private MultiLine compile(String pattern) {
        JoinPattern own = lines.patterns().get(pattern);
        return own == null ? MultiLine.builtIn(pattern) : own.compiled();
    }
}
