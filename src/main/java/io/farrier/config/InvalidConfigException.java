package io.farrier.config;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** All mistakes of a configuration at once. The message is the whole report, one line each. */
public final class InvalidConfigException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
