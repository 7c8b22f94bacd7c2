package io.farrier.rules;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/** A regular expression over bytes, without anchors and groups: what an {@link Automaton} is made of. */
sealed interface Expression {
    int UNBOUNDED = -1;

    /** One byte of a set. */
    record OneOf(BitSet bytes) implements Expression {
        @Override
        public Expression reversed() {
            return this;
        }

        @Override
        public Expression inDockerJson() {
            return DockerJson.of(bytes);
        }
    }

    record Sequence(List<Expression> parts) implements Expression {
        public Sequence {
            parts = List.copyOf(parts);
        }

        @Override
        public Expression reversed() {
            List<Expression> backwards =
                    new ArrayList<>(parts.stream().map(Expression::reversed).toList());
            Collections.reverse(backwards);
            return new Sequence(backwards);
        }

        @Override
        public Expression inDockerJson() {
            return new Sequence(parts.stream().map(Expression::inDockerJson).toList());
        }
    }

    record Either(List<Expression> ways) implements Expression {
        public Either {
            ways = List.copyOf(ways);
        }

        @Override
        public Expression reversed() {
            return new Either(ways.stream().map(Expression::reversed).toList());
        }

        @Override
        public Expression inDockerJson() {
            return new Either(ways.stream().map(Expression::inDockerJson).toList());
        }
    }

    /** @param most {@link #UNBOUNDED} for no end */
    record Repeated(Expression what, int least, int most) implements Expression {
        @Override
        public Expression reversed() {
            return new Repeated(what.reversed(), least, most);
        }

        @Override
        public Expression inDockerJson() {
            return new Repeated(what.inDockerJson(), least, most);
        }
    }

    Expression reversed();

    /** The same for text as Docker's json-file driver escapes it. */
    Expression inDockerJson();

    static Expression bytes(byte[] text) {
        List<Expression> parts = new ArrayList<>();
        for (byte one : text) {
            parts.add(oneOf(one & 0xff));
        }
        return parts.size() == 1 ? parts.get(0) : new Sequence(parts);
    }

    static OneOf oneOf(int... values) {
        BitSet set = new BitSet(256);
        for (int value : values) {
            set.set(value);
        }
        return new OneOf(set);
    }
}
