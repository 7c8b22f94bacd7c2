package io.farrier.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A deterministic automaton that is made while it runs (Thompson 1968): one look-up a byte for what it has met before,
 * and never a step back. Not for several threads.
 */
final class Automaton {
    /** Each state of the table has 1 KiB; beyond these it is begun anew. */
    private static final int MAX_TABLE = 512;

    /** An expression that needs more is too long: counted repetitions within each other. */
    private static final int MAX_STATES = 20_000;

    static final int DEAD = 0;
    static final int START = 1;

    private final List<BitSet> consumes = new ArrayList<>();
    private final List<int[]> free = new ArrayList<>();
    private final int first;
    private final int last;
    private final boolean anywhere;

    private final Map<BitSet, Integer> known = new HashMap<>();
    private final List<BitSet> members = new ArrayList<>();
    private final boolean[] accepting = new boolean[MAX_TABLE];
    private int[][] table = new int[MAX_TABLE][];
    private long made;

    /** @param anywhere true when the match may begin at any byte */
    Automaton(Expression expression, boolean anywhere) {
        this.anywhere = anywhere;
        this.last = state();
        this.first = build(expression, last);
        begin();
    }

    /** Goes on from {@code state} with one byte; states before may be forgotten, so only the latest counts. */
    int step(int state, byte next) {
        int[] row = table[state];
        int to = row[next & 0xff];
        return to >= 0 ? to : make(state, next & 0xff);
    }

    boolean accepts(int state) {
        return accepting[state];
    }

    /** How many states had to be made, each at the cost of the whole expression. */
    long made() {
        return made;
    }

    int size() {
        return consumes.size();
    }

    private int make(int state, int next) {
        made++;
        BitSet reached = new BitSet();
        BitSet from = members.get(state);
        for (int s = from.nextSetBit(0); s >= 0; s = from.nextSetBit(s + 1)) {
            BitSet set = consumes.get(s);
            if (set.get(next)) {
                close(free.get(s)[0], reached);
            }
        }
        if (anywhere) {
            close(first, reached);
        }
        Integer there = known.get(reached);
        if (there == null) {
            if (members.size() == MAX_TABLE) {
                begin();
                return add(reached);
            }
            there = add(reached);
        }
        table[state][next] = there;
        return there;
    }

    private void begin() {
        known.clear();
        members.clear();
        table = new int[MAX_TABLE][];
        add(new BitSet());
        BitSet start = new BitSet();
        close(first, start);
        add(start);
    }

    private int add(BitSet states) {
        Integer there = known.get(states);
        if (there != null) {
            return there;
        }
        int number = members.size();
        known.put(states, number);
        members.add(states);
        accepting[number] = states.get(last);
        table[number] = new int[256];
        Arrays.fill(table[number], -1);
        return number;
    }

    private void close(int state, BitSet into) {
        if (into.get(state)) {
            return;
        }
        List<Integer> open = new ArrayList<>(List.of(state));
        while (!open.isEmpty()) {
            int s = open.remove(open.size() - 1);
            if (!into.get(s)) {
                into.set(s);
                if (consumes.get(s).isEmpty()) {
                    for (int to : free.get(s)) {
                        open.add(to);
                    }
                }
            }
        }
    }

    private int state() {
        return state(new BitSet());
    }

    private int state(BitSet on, int... to) {
        if (consumes.size() == MAX_STATES) {
            throw new IllegalArgumentException("it is too long when its repetitions are written out");
        }
        consumes.add(on);
        free.add(to);
        return consumes.size() - 1;
    }

    /** The state from which {@code expression} leads to {@code then}. */
    private int build(Expression expression, int then) {
        if (expression instanceof Expression.OneOf one) {
            return one.bytes().isEmpty() ? state() : state(one.bytes(), then);
        }
        if (expression instanceof Expression.Sequence sequence) {
            int next = then;
            for (int i = sequence.parts().size() - 1; i >= 0; i--) {
                next = build(sequence.parts().get(i), next);
            }
            return next;
        }
        if (expression instanceof Expression.Either either) {
            int[] ways =
                    either.ways().stream().mapToInt(way -> build(way, then)).toArray();
            return state(new BitSet(), ways);
        }
        return build((Expression.Repeated) expression, then);
    }

    private int build(Expression.Repeated repeated, int then) {
        int next = then;
        if (repeated.most() == Expression.UNBOUNDED) {
            int loop = state(new BitSet(), then, then);
            free.get(loop)[0] = build(repeated.what(), loop);
            next = loop;
        } else {
            for (int i = repeated.least(); i < repeated.most(); i++) {
                next = state(new BitSet(), build(repeated.what(), next), then);
            }
        }
        for (int i = 0; i < repeated.least(); i++) {
            next = build(repeated.what(), next);
        }
        return next;
    }
}
