package io.farrier.rules;

import java.nio.charset.StandardCharsets;

/** An expression that is looked for at the beginning of a line, in time that grows with the line alone. Not for several threads. */
public final class LinePattern {
    /** What tells lines apart stands at their beginning. */
    private static final int MAX_LOOKED_AT = 512;

    /** Each byte of a line may cost so many steps. */
    private static final int MAX_STATES = 1_000;

    private final Automaton automaton;
    private final boolean atEnd;

    /** @throws IllegalArgumentException with what is wrong with {@code expression} */
    public LinePattern(String expression) {
        ExpressionParser.Parsed parsed = ExpressionParser.parse(expression);
        this.automaton = new Automaton(parsed.whole(), !parsed.atStart());
        this.atEnd = parsed.atEnd();
        if (automaton.size() > MAX_STATES) {
            throw new IllegalArgumentException("it is too long when its repetitions are written out");
        }
    }

    /** Whether it is found; {@code ^} and {@code $} are the edges of the line. */
    public boolean fits(String line) {
        byte[] bytes = line.substring(0, Math.min(line.length(), MAX_LOOKED_AT)).getBytes(StandardCharsets.UTF_8);
        boolean isWhole = line.length() <= MAX_LOOKED_AT;
        int state = Automaton.START;
        if (!atEnd && automaton.accepts(state)) {
            return true;
        }
        for (byte next : bytes) {
            state = automaton.step(state, next);
            if (state == Automaton.DEAD) {
                return false;
            }
            if (!atEnd && automaton.accepts(state)) {
                return true;
            }
        }
        return atEnd && isWhole && automaton.accepts(state);
    }
}
