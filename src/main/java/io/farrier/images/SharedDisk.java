package io.farrier.images;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Pulls that fill one disk at the same time. One that finds it full may be another's victim, whose half image goes as it
 * fails: it has a second try, with the disk to itself, once the runtime has cleared that away. Containerd does so after it
 * has said no, and on a slow node a good while after: it spends no more than a fiftieth of its time on collecting.
 */
final class SharedDisk {
    private static final int MOST_LOOKS = 60;
    private static final int BLIND_LOOKS = 4;

    /** Fair: who wants to be alone is not kept waiting by those who come after. */
    private final ReentrantReadWriteLock turns = new ReentrantReadWriteLock(true);

    private final ImageDisk disk;
    private final Duration betweenLooks;
    private int begun;
    private int running;
    private long usableBefore;

    /** @param betweenLooks how long until it is asked again whether the disk is cleared, sixty times at most */
    SharedDisk(ImageDisk disk, Duration betweenLooks) {
        this.disk = disk;
        this.betweenLooks = betweenLooks;
    }

    interface Pull<T> {
        T run() throws IOException;
    }

    <T> T beside(Pull<T> pull) throws IOException {
        turns.readLock().lock();
        int number;
        boolean hasCompany;
        long usable = usable();
        synchronized (this) {
            number = ++begun;
            hasCompany = running++ > 0;
            // Of those that begin in the same moment none has written yet when it asks.
            usableBefore = hasCompany ? Math.max(usableBefore, usable) : usable;
        }
        try {
            return pull.run();
        } catch (IOException failure) {
            boolean hadCompany = hasCompany || last() > number;
            if (!hadCompany || !PullFailure.isOutOfSpace(String.valueOf(failure.getMessage()))) {
                throw failure;
            }
        } finally {
            end();
            turns.readLock().unlock();
        }
        return alone(pull);
    }

    private synchronized int last() {
        return begun;
    }

    private synchronized void end() {
        running--;
    }

    private <T> T alone(Pull<T> pull) throws IOException {
        turns.writeLock().lock();
        try {
            awaitClearing();
            return pull.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was interrupted");
        } finally {
            turns.writeLock().unlock();
        }
    }

    private void awaitClearing() throws InterruptedException {
        int most = disk.space().isPresent() ? MOST_LOOKS : BLIND_LOOKS;
        for (int look = 0; look < most && !isCleared(); look++) {
            Thread.sleep(betweenLooks.toMillis());
        }
    }

    /** Half of what was free is free again; what others have pulled well may have taken the rest. */
    private boolean isCleared() {
        long before = usableBefore();
        return disk.space().filter(space -> space.usableBytes() >= before / 2).isPresent();
    }

    private synchronized long usableBefore() {
        return usableBefore;
    }

    private long usable() {
        return disk.space().map(ImageDisk.Space::usableBytes).orElse(0L);
    }
}
