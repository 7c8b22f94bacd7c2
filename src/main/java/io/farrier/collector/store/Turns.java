package io.farrier.collector.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one thread. Those who put something in take turns, so that whoever puts in little does not wait behind all
 * of whoever puts in much; each keeps its own order.
 */
final class Turns<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();

    /** None is empty; whose turn it is comes first. */
    private final Map<Object, Deque<T>> queues = new LinkedHashMap<>();

    void add(Object whose, T one) {
        lock.lock();
        try {
            queues.computeIfAbsent(whose, first -> new ArrayDeque<>()).add(one);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long for something. */
    @Nullable
    T poll(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (long left = nanos; queues.isEmpty(); left = filled.awaitNanos(left)) {
                if (left <= 0) {
                    return null;
                }
            }
            return next();
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return queues.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private T next() {
        Iterator<Map.Entry<Object, Deque<T>>> all = queues.entrySet().iterator();
        Map.Entry<Object, Deque<T>> first = all.next();
        Object whose = first.getKey();
        Deque<T> queue = first.getValue();
        all.remove();
        T one = queue.remove();
        if (!queue.isEmpty()) {
            queues.put(whose, queue);
        }
        return one;
    }
}
