package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.runtime.RuntimeUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes every check. One that is late or breaks is UNKNOWN, and keeps no other from its answer. */
public final class Doctor implements AutoCloseable {
    /** Two, so that one that hangs does not hold up the rest. */
    private static final int THREADS = 2;

    private final List<Check> checks;
    private final Duration deadline;
    private final Clock clock;
    private final ExecutorService threads;

    /** @param deadline of one check */
    public Doctor(List<Check> checks, Duration deadline, Clock clock) {
        this.checks = List.copyOf(checks);
        this.deadline = deadline;
        this.clock = clock;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "check-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What is wrong now: each finding once, the worst first. */
    public List<Finding> examine() {
        return inOrder(
                results().stream().flatMap(result -> result.findings().stream()).toList());
    }

    /** What each check says, for a {@link FindingBoard}. */
    public synchronized List<CheckResult> results() {
        Instant now = clock.instant();
        long begun = System.nanoTime();
        List<Future<List<Finding>>> asked = new ArrayList<>();
        for (Check check : checks) {
            asked.add(threads.submit(() -> check.run(now)));
        }
        List<CheckResult> results = new ArrayList<>();
        for (int i = 0; i < checks.size(); i++) {
            // Those before it may take their whole time before its own begins.
            long end = begun + deadline.multipliedBy(i / THREADS + 1L).toNanos();
            results.add(answer(checks.get(i).name(), asked.get(i), end - System.nanoTime(), now));
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** Each key once, the worst first. */
    static List<Finding> inOrder(List<Finding> findings) {
        Map<FindingKey, Finding> byKey = new LinkedHashMap<>();
        findings.forEach(finding -> byKey.putIfAbsent(finding.key(), finding));
        return byKey.values().stream()
                .sorted(Comparator.comparing(Finding::severity).reversed().thenComparing(Finding::key))
                .toList();
    }

    private CheckResult answer(String check, Future<List<Finding>> asked, long nanosLeft, Instant now) {
        try {
            return new CheckResult(check, true, asked.get(Math.max(0, nanosLeft), TimeUnit.NANOSECONDS));
        } catch (TimeoutException late) {
            asked.cancel(true);
            return unknown(check, "No answer within " + deadline.toMillis() + " ms.", Set.of(), now);
        } catch (ExecutionException broken) {
            Throwable cause = broken.getCause() == null ? broken : broken.getCause();
            Set<FindingKey> causes =
                    cause instanceof RuntimeUnavailableException ? Set.of(Catalogue.RUNTIME_UNREACHABLE) : Set.of();
            return unknown(check, Catalogue.message(cause), causes, now);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return unknown(check, "Farrier is stopping.", Set.of(), now);
        }
    }

    private static CheckResult unknown(String check, String because, Set<FindingKey> causes, Instant now) {
        return new CheckResult(check, false, List.of(Catalogue.unchecked(check, because, causes, now)));
    }
}
