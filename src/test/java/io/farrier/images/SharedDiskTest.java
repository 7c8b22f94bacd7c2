package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.images.ImageDisk.Space;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class SharedDiskTest {
    private static final String FULL = "failed to register layer: write /x: no space left on device";

    private static final long ROOM = 1000;

    private final AtomicLong usable = new AtomicLong(ROOM);
    private final AtomicInteger looksUntilCleared = new AtomicInteger();
    private final SharedDisk disk = new SharedDisk(() -> Optional.of(space()), Duration.ofMillis(1));
    private final ExecutorService pool = Executors.newFixedThreadPool(2);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    @Test
    void whoFoundItFullBesideAnotherTriesAgainWhenThatOneHasEnded() throws Exception {
        CountDownLatch otherPulls = new CountDownLatch(1);
        CountDownLatch otherMayEnd = new CountDownLatch(1);
        AtomicBoolean otherHasEnded = new AtomicBoolean();
        AtomicInteger tries = new AtomicInteger();
        Future<String> other = pool.submit(() -> disk.beside(() -> {
            otherPulls.countDown();
            awaitFor(otherMayEnd);
            otherHasEnded.set(true);
            return "large";
        }));
        awaitFor(otherPulls);

        Future<String> victim = pool.submit(() -> disk.beside(() -> {
            if (tries.incrementAndGet() == 1) {
                otherMayEnd.countDown();
                throw new IOException(FULL);
            }
            assertThat(otherHasEnded).as("it is alone now").isTrue();
            return "pause";
        }));

        assertThat(victim.get(30, TimeUnit.SECONDS)).isEqualTo("pause");
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo("large");
    }

    /** As containerd, which says no first and clears away later. */
    @Test
    void theSecondTryWaitsUntilTheOtherOnesRestIsGone() throws Exception {
        CountDownLatch bothPull = new CountDownLatch(2);
        Future<String> large = pool.submit(() -> disk.beside(() -> {
            bothPull.countDown();
            awaitFor(bothPull);
            usable.set(0);
            looksUntilCleared.set(20);
            throw new IOException(FULL);
        }));
        AtomicInteger tries = new AtomicInteger();
        Future<String> victim = pool.submit(() -> disk.beside(() -> {
            bothPull.countDown();
            awaitFor(bothPull);
            if (tries.incrementAndGet() == 1 || usable.get() == 0) {
                throw new IOException(FULL);
            }
            return "pause";
        }));

        assertThat(victim.get(30, TimeUnit.SECONDS)).isEqualTo("pause");
        assertThat(tries).hasValue(2);
        assertThatThrownBy(() -> large.get(30, TimeUnit.SECONDS)).hasMessageContaining(FULL);
    }

    /** Each of them has company from the start, and what was free then must be known all the same. */
    @RepeatedTest(200)
    void thoseThatBeginInTheSameMomentWaitToo() throws Exception {
        AtomicInteger ready = new AtomicInteger();
        CyclicBarrier bothPull = new CyclicBarrier(2);
        AtomicInteger victims = new AtomicInteger();
        Callable<String> pull = () -> {
            AtomicInteger tries = new AtomicInteger();
            ready.incrementAndGet();
            while (ready.get() < 2) {
                Thread.onSpinWait();
            }
            return disk.beside(() -> {
                if (tries.incrementAndGet() == 1) {
                    awaitAt(bothPull);
                    usable.set(0);
                    awaitAt(bothPull);
                    looksUntilCleared.set(5);
                    throw new IOException(FULL);
                }
                victims.addAndGet(usable.get() == 0 ? 1 : 0);
                return "pulled";
            });
        };

        for (Future<String> pulled : List.of(pool.submit(pull), pool.submit(pull))) {
            assertThat(pulled.get(30, TimeUnit.SECONDS)).isEqualTo("pulled");
        }
        assertThat(victims).as("tried again on a disk that was full").hasValue(0);
    }

    @Test
    void whoWasAloneDoesNotFillItTwice() {
        AtomicInteger tries = new AtomicInteger();

        assertThatThrownBy(() -> disk.beside(() -> {
                    tries.incrementAndGet();
                    throw new IOException(FULL);
                }))
                .hasMessage(FULL);
        assertThat(tries).hasValue(1);
    }

    private Space space() {
        if (looksUntilCleared.get() > 0 && looksUntilCleared.decrementAndGet() == 0) {
            usable.set(ROOM);
        }
        return new Space(Path.of("/"), ROOM, usable.get());
    }

    private static void awaitAt(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
