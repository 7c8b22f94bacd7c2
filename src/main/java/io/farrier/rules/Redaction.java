package io.farrier.rules;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One rule: what it finds is made unreadable from where its group begins (without one: all of it) to the end of the
 * group and of what may follow. Compiled for text as it is, or as Docker escapes it. Not for several threads.
 */
final class Redaction {
    /** Text is gone over a few times for each thing found; an expression that wants more looks ahead in vain. */
    private static final int STEPS_PER_BYTE = 64;

    private static final long FREE_STEPS = 100_000;

    /** What is further from the word that announces it is none: a line may be made of such words. */
    private static final int MAX_LEAD_BYTES = 4 << 10;

    private final String name;
    private final boolean atStart;
    private final boolean atEnd;
    private final Automaton search;
    private final Automaton back;
    private final Automaton match;
    private final @Nullable Automaton before;
    private final int afterBytes;
    private long budget;
    private boolean isOff;

    /** Takes what was found, by its bounds. */
    interface Found {
        void at(int from, int to);
    }

    /** @throws IllegalArgumentException with what is wrong with {@code pattern} */
    Redaction(String name, String pattern, boolean inDockerJson) {
        this.name = name;
        ExpressionParser.Parsed parsed = ExpressionParser.parse(pattern);
        this.atStart = parsed.atStart();
        this.atEnd = parsed.atEnd();
        Expression plain = parsed.whole();
        Expression all = inDockerJson ? plain.inDockerJson() : plain;
        this.search = new Automaton(all, !atStart);
        this.back = new Automaton(all.reversed(), false);
        this.match = new Automaton(all, false);
        Optional<Expression> lead = parsed.before().map(part -> inDockerJson ? part.inDockerJson() : part);
        this.before = lead.map(part -> new Automaton(part, false)).orElse(null);
        this.afterBytes = parsed.after().map(Redaction::fixedLength).orElse(0);
        if (match.accepts(Automaton.START)) {
            throw new IllegalArgumentException("it is found in nothing at all, so everywhere");
        }
    }

    /** What follows stays readable where its length is certain; otherwise it goes with the group. */
    private static int fixedLength(Expression after) {
        if (after instanceof Expression.OneOf one) {
            return one.inDockerJson() instanceof Expression.OneOf ? 1 : 0;
        }
        return after instanceof Expression.Sequence sequence && sequence.parts().size() == 1
                ? fixedLength(sequence.parts().get(0))
                : 0;
    }

    String name() {
        return name;
    }

    boolean isOff() {
        return isOff;
    }

    /** Calls {@code found} for each find in {@code text[from, to)}; gives all of it up when it takes too many steps. */
    void look(byte[] text, int from, int to, Found found) {
        if (isOff) {
            return;
        }
        budget = FREE_STEPS + (long) STEPS_PER_BYTE * (to - from);
        int at = from;
        while (at < to && !(atStart && at > from)) {
            int end = earliestEnd(text, at, to);
            if (end < 0) {
                return;
            }
            int start = atStart ? from : latestReach(text, end, at);
            int last = atEnd ? to : longest(text, start, to, end);
            if (budget < 0) {
                // What made it too slow is not let through.
                isOff = true;
                found.at(from, to);
                return;
            }
            int secret = before == null ? start : endOfLead(before, text, start, last);
            if (secret < last - afterBytes) {
                found.at(secret, last - afterBytes);
            }
            at = Math.max(last, at + 1);
        }
    }

    /**
     * Looks for what begins at {@code start} and nowhere else.
     *
     * @param found hears of it
     * @return how many bytes had to be looked at
     */
    int lookAt(byte[] text, int start, int to, Found found) {
        int state = Automaton.START;
        int last = -1;
        int i = start;
        for (; i < to && state != Automaton.DEAD && (last >= 0 || i - start < MAX_LEAD_BYTES); i++) {
            state = match.step(state, text[i]);
            if (match.accepts(state)) {
                last = i + 1;
            }
        }
        if (last >= 0) {
            int secret = before == null ? start : endOfLead(before, text, start, last);
            if (secret < last - afterBytes) {
                found.at(secret, last - afterBytes);
            }
        }
        return i - start;
    }

    private int earliestEnd(byte[] text, int from, int to) {
        long made = search.made();
        int state = Automaton.START;
        for (int i = from; i < to; i++) {
            state = search.step(state, text[i]);
            if (state == Automaton.DEAD) {
                spend(i - from, search, made);
                return -1;
            }
            if (search.accepts(state) && (!atEnd || i + 1 == to)) {
                spend(i - from, search, made);
                return i + 1;
            }
        }
        spend(to - from, search, made);
        return -1;
    }

    private int latestReach(byte[] text, int end, int from) {
        long made = back.made();
        int state = Automaton.START;
        int reach = end;
        int i = end - 1;
        for (; i >= from && state != Automaton.DEAD; i--) {
            state = back.step(state, text[i]);
            if (back.accepts(state)) {
                reach = i;
            }
        }
        spend(end - i, back, made);
        return reach;
    }

    private int longest(byte[] text, int start, int to, int atLeast) {
        long made = match.made();
        int state = Automaton.START;
        int end = atLeast;
        int i = start;
        for (; i < to && state != Automaton.DEAD && i - start <= budget; i++) {
            state = match.step(state, text[i]);
            if (match.accepts(state)) {
                end = Math.max(end, i + 1);
            }
        }
        spend(i - start, match, made);
        return end;
    }

    private int endOfLead(Automaton lead, byte[] text, int start, int to) {
        int state = Automaton.START;
        if (lead.accepts(state)) {
            return start;
        }
        for (int i = start; i < to; i++) {
            state = lead.step(state, text[i]);
            if (lead.accepts(state)) {
                return i + 1;
            }
        }
        return start;
    }

    private void spend(long steps, Automaton on, long madeBefore) {
        budget -= steps + (on.made() - madeBefore);
    }
}
