package io.farrier.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells which lines of one stream go on with the one before: a stack trace is one record. Not for several threads. */
public final class MultiLine {
    /** All of the others: they do not get in each other's way. */
    public static final String TRACES = "traces";

    private static final int ANY = -1;
    private static final int SAME = -1;
    private static final int NONE = 0;
    private static final int GO = 1;
    private static final int PYTHON = 2;
    private static final int PYTHON_END = 3;
    private static final int PYTHON_CHAIN = 4;

    /** In the state {@code from}, a line that fits leads to {@code to}. */
    private record Step(int from, String line, int to) {}

    private record Language(List<Step> begins, List<Step> goesOn) {}

    private static final Language JAVA = new Language(
            List.of(),
            List.of(
                    new Step(ANY, "^[ \\t]+at ", SAME),
                    new Step(ANY, "^[ \\t]+\\.\\.\\. [0-9]+ ", SAME),
                    new Step(ANY, "^[ \\t]*Caused by: ", SAME),
                    new Step(ANY, "^[ \\t]*Suppressed: ", SAME),
                    new Step(ANY, "^[ \\t]+- (?:locked|waiting|parking|eliminated)", SAME)));

    private static final Language GOLANG = new Language(
            List.of(
                    new Step(ANY, "^panic: ", GO),
                    new Step(ANY, "^fatal error: ", GO),
                    new Step(ANY, "^SIG[A-Z]+: ", GO),
                    new Step(ANY, "^goroutine [0-9]+ \\[", GO),
                    new Step(ANY, "http: panic serving ", GO),
                    new Step(ANY, "Observed a panic: ", GO)),
            List.of(
                    new Step(GO, "^$", GO),
                    new Step(GO, "^\\t", GO),
                    new Step(GO, "^goroutine [0-9]+ \\[", GO),
                    new Step(GO, "^\\[signal ", GO),
                    new Step(GO, "^created by ", GO),
                    new Step(GO, "^[^ \\t]+\\(.*\\)$", GO),
                    new Step(GO, "^\\.\\.\\..*frames elided", GO),
                    new Step(GO, "^exit status [0-9]+$", GO)));

    private static final Language PYTHON_TRACEBACK = new Language(
            List.of(new Step(ANY, "Traceback \\(most recent call last\\):", PYTHON)),
            List.of(
                    new Step(PYTHON, "^[ \\t]", PYTHON),
                    new Step(PYTHON, "^[A-Za-z_][A-Za-z0-9_.]*: ", PYTHON_END),
                    new Step(PYTHON, "^[A-Za-z_][A-Za-z0-9_.]*:?$", PYTHON_END),
                    new Step(PYTHON_END, "^$", PYTHON_END),
                    new Step(PYTHON_END, "^During handling of the above exception, another", PYTHON_CHAIN),
                    new Step(PYTHON_END, "^The above exception was the direct cause of", PYTHON_CHAIN),
                    new Step(PYTHON_CHAIN, "^$", PYTHON_CHAIN),
                    new Step(PYTHON_CHAIN, "^Traceback \\(most recent call last\\):", PYTHON)));

    private static final Map<String, List<Language>> BUILT_IN = Map.of(
            "java",
            List.of(JAVA),
            "go",
            List.of(GOLANG),
            "python",
            List.of(PYTHON_TRACEBACK),
            TRACES,
            List.of(JAVA, GOLANG, PYTHON_TRACEBACK));

    private record Compiled(int from, LinePattern line, int to) {
        boolean takes(int state, String text) {
            return (from == ANY || from == state) && line.fits(text);
        }
    }

    private final List<Compiled> begins = new ArrayList<>();
    private final List<Compiled> goesOn = new ArrayList<>();
    private final boolean othersGoOn;

    private MultiLine(List<Language> languages, boolean othersGoOn) {
        languages.forEach(language -> {
            language.begins.forEach(step -> begins.add(compiled(step)));
            language.goesOn.forEach(step -> goesOn.add(compiled(step)));
        });
        this.othersGoOn = othersGoOn;
    }

    private static Compiled compiled(Step step) {
        return new Compiled(step.from, new LinePattern(step.line), step.to);
    }

    public static boolean isBuiltIn(String name) {
        return BUILT_IN.containsKey(name);
    }

    /** {@code java}, {@code go}, {@code python} or {@link #TRACES}. */
    public static MultiLine builtIn(String name) {
        List<Language> languages = BUILT_IN.get(name);
        if (languages == null) {
            throw new IllegalArgumentException("no built-in pattern has the name " + name);
        }
        return new MultiLine(languages, false);
    }

    /** A record begins with a line that fits; all others go on with it. */
    public static MultiLine beginningWith(String expression) {
        return new MultiLine(List.of(new Language(List.of(new Step(ANY, expression, NONE)), List.of())), true);
    }

    /** A line that fits goes on with the one before. */
    public static MultiLine goingOnWith(String expression) {
        return new MultiLine(List.of(new Language(List.of(), List.of(new Step(ANY, expression, SAME)))), false);
    }

    /** For one stream. */
    public Follower follow() {
        return new Follower();
    }

    /** Sees the lines of one stream in order. */
    public final class Follower {
        private int state = NONE;

        /** True when {@code line} belongs to the record before. */
        public boolean goesOn(String line) {
            for (Compiled step : goesOn) {
                if (step.takes(state, line)) {
                    state = step.to == SAME ? state : step.to;
                    return true;
                }
            }
            for (Compiled step : begins) {
                if (step.takes(state, line)) {
                    state = step.to;
                    return false;
                }
            }
            state = NONE;
            return othersGoOn;
        }
    }
}
