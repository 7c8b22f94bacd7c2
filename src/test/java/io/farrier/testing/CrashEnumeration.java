package io.farrier.testing;

import io.farrier.node.CrashPoint;
import java.io.IOException;
import java.nio.file.Path;

/** Kills a change after its first step on disk, after its second, and so on until it survives. */
public final class CrashEnumeration {
    private static final int MAX_STEPS = 500;

    private CrashEnumeration() {}

    /** Dies once, after {@code step} steps. */
    public static final class Kill implements CrashPoint {
        private final int step;
        private int reached;
        private String where = "not reached";

        public Kill(int step) {
            this.step = step;
        }

        public int step() {
            return step;
        }

        boolean happened() {
            return reached >= step;
        }

        @Override
        public void reached(Step what, Path path) {
            if (++reached == step) {
                where = what + " " + path;
                throw new Killed(where);
            }
        }

        @Override
        public String toString() {
            return where;
        }
    }

    /** What is tried at each step; it must throw {@link Killed} out of the change and put the node back afterwards. */
    @FunctionalInterface
    public interface Trial {
        void at(Kill kill) throws IOException;
    }

    /** @return how many steps the change has */
    public static int atEveryStep(Trial trial) throws IOException {
        for (int step = 1; step < MAX_STEPS; step++) {
            Kill kill = new Kill(step);
            try {
                trial.at(kill);
            } catch (AssertionError failed) {
                if (!kill.happened()) {
                    return step - 1;
                }
                throw failed;
            }
        }
        throw new AssertionError("a change of more than " + MAX_STEPS + " steps");
    }
}
