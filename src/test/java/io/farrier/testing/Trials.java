package io.farrier.testing;

import java.util.Random;

/**
 * Random trials. A test runs its own few; {@code -Dfarrier.trials=N} asks for more ({@code packaging/bench.sh properties}).
 * A trial that fails names its seed: {@code -Dfarrier.seed=SEED -Dfarrier.trials=1} is the same one again.
 */
public final class Trials {
    private static final String TRIALS = "farrier.trials";
    private static final String SEED = "farrier.seed";

    private Trials() {}

    /** One trial; all its chances come from {@code random}. */
    @FunctionalInterface
    public interface Trial {
        void of(Random random) throws Exception;
    }

    public static void run(int few, Trial trial) {
        run(few, TRIALS, trial);
    }

    /** @param property the one that asks for more, where trials cost more than memory */
    public static void run(int few, String property, Trial trial) {
        int trials = Integer.getInteger(property, few);
        long first = Long.getLong(SEED, new Random().nextLong());
        System.out.println(trials + " trials from seed " + first);
        for (long seed = first; seed < first + trials; seed++) {
            tryOne(seed, property, trial);
        }
    }

    private static void tryOne(long seed, String property, Trial trial) {
        try {
            trial.of(new Random(seed));
        } catch (Exception | AssertionError failed) {
            throw new AssertionError(
                    "seed " + seed + " (again with -D" + SEED + "=" + seed + " -D" + property + "=1): "
                            + failed.getMessage(),
                    failed);
        }
    }
}
