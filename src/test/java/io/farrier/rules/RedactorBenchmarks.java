package io.farrier.rules;

import io.farrier.testing.KubeLines;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Hiding secrets in a batch of kube-like lines, compiled as the packaged agent is. Beside JMH's throughput, which another
 * process can lower, the thread's CPU is printed for each GB of log.
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class RedactorBenchmarks {
    private static final int CONTEXT = Redactor.CONTEXT_BYTES;
    private static final int LINES = 850;

    @Param({"DOCKER", "CRI"})
    public Redactor.Form form;

    private Redactor redactor;
    private byte[] text;
    private long batches;
    private long cpu;

    @Setup
    public void fill() {
        redactor = new Redactor(form, List.of());
        KubeLines lines = new KubeLines(3);
        text = form == Redactor.Form.DOCKER ? lines.next(LINES, "") : lines.nextCri(LINES);
    }

    @Setup(Level.Iteration)
    public void begin() {
        batches = 0;
        cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Benchmark
    public boolean redact() {
        batches++;
        return redactor.redact(text, CONTEXT, text.length, text.length);
    }

    @TearDown(Level.Iteration)
    public void tell() {
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        System.out.printf("%.2f CPU-s/GB  ", (double) nanos / batches / (text.length - CONTEXT));
    }
}
