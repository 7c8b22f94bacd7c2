package io.farrier.images;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Pulls that fill one disk at the same time. One that finds it full may be another's victim, whose half image goes as it
 * fails: it has a second try, with the disk to itself, once the runtime has had time to clear that away.
 */
final class SharedDisk {
    /** Fair: who wants to be alone is not kept waiting by those who come after. */
    private final ReentrantReadWriteLock turns = new ReentrantReadWriteLock(true);

    private final AtomicInteger begun = new AtomicInteger();
    private final Duration clearing;

    /** @param clearing what a runtime needs to take away what a failed pull left; containerd does so after it has said no */
    SharedDisk(Duration clearing) {
        this.clearing = clearing;
    }

    interface Pull<T> {
        T run() throws IOException;
    }

    <T> T beside(Pull<T> pull) throws IOException {
        turns.readLock().lock();
        int number = begun.incrementAndGet();
        boolean hasCompany = turns.getReadLockCount() > 1;
        try {
            return pull.run();
        } catch (IOException failure) {
            boolean hadCompany = hasCompany || begun.get() > number;
            if (!hadCompany || !PullFailure.isOutOfSpace(String.valueOf(failure.getMessage()))) {
                throw failure;
            }
        } finally {
            turns.readLock().unlock();
        }
        return alone(pull);
    }

    private <T> T alone(Pull<T> pull) throws IOException {
        turns.writeLock().lock();
        try {
            Thread.sleep(clearing.toMillis());
            return pull.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was interrupted");
        } finally {
            turns.writeLock().unlock();
        }
    }
}
