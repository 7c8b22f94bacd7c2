package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeLockTest {
    /** Only bounds waiting: a busy machine may take ten times as long as a free one. */
    @BeforeAll
    static void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    private static final Path LOCK = Path.of("/var/lib/farrier/lock");

    @TempDir
    Path root;

    private NodeFiles files;

    @BeforeEach
    void prepare() throws IOException {
        files = NodeFiles.below(root);
    }

    @Test
    void saysWhichProcessHoldsIt() throws Exception {
        lock(Duration.ofSeconds(5)).take().close();
        Process holder = new ProcessBuilder(List.of(
                        "python3",
                        "-c",
                        "import fcntl,sys\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\n"
                                + "print('held',flush=True)\nsys.stdin.read()",
                        files.locate(LOCK).toString()))
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> lock(Duration.ofMillis(10)).take())
                    .isInstanceOf(NodeLockedException.class)
                    .hasMessageContaining("pid " + holder.pid() + " (")
                    .hasMessageContaining("python3 -c import fcntl")
                    .hasMessageContaining("is changing this node");
        } finally {
            holder.getOutputStream().close();
            assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        lock(Duration.ofSeconds(5)).take().close();
    }

    @Test
    void takingItWritesNothing() throws Exception {
        lock(Duration.ofSeconds(5)).take().close();
        Object before = Files.readAttributes(files.locate(LOCK), "unix:ino,lastModifiedTime,ctime,size");
        lock(Duration.ofSeconds(5)).take().close();
        assertThat(Files.readAttributes(files.locate(LOCK), "unix:ino,lastModifiedTime,ctime,size"))
                .isEqualTo(before);
    }

    @Test
    void lettingGoLetsTheNextOneIn() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<CompletableFuture<Void>> writers = java.util.stream.IntStream.range(0, 4)
                .mapToObj(i ->
                        CompletableFuture.runAsync(() -> change(start, inside, most), task -> new Thread(task).start()))
                .toList();
        start.countDown();
        CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(most).hasValue(1);
    }

    private void change(CountDownLatch start, AtomicInteger inside, AtomicInteger most) {
        try {
            start.await();
            try (LockFile held = lock(Duration.ofSeconds(50)).take()) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Files.writeString(root.resolve("scratch"), "work");
                inside.decrementAndGet();
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private NodeLock lock(Duration patience) {
        return new NodeLock(files, LOCK, patience);
    }
}
