package io.farrier.keep;

import com.sun.management.OperatingSystemMXBean;
import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.keep.containerd.HostsDirectory;
import io.farrier.keep.docker.CertsDirectory;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.keep.rancher.RegistriesYamlFile;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Resource;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Planning an unchanged node with 50 registries, each with a CA of its own, as the agent does it at every look: all files are read,
 * nothing is written. Beside JMH's time, which another process can lengthen, the CPU is printed.
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
// As packaging/deb/agent.options has it: the agent's JVM has no C2, so that its figures would not be the agent's.
@Fork(
        value = 1,
        jvmArgs = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"})
public class PlanBenchmarks {
    private static final int REGISTRIES = 50;
    private static final double NANOS_PER_MILLI = 1e6;

    @Param({"docker", "containerd", "k3s"})
    public String node;

    private NodeBench bench;
    private Keeper keeper;
    private Map<String, String> stamps;

    @Setup
    public void makeTheNodeRight() throws IOException {
        bench = new NodeBench(Files.createTempDirectory("plan"));
        bench.write("etc/containerd/config.toml", """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".registry]
                  config_path = "/etc/containerd/certs.d"
                """);
        bench.write("etc/docker/daemon.json", "{\n  \"live-restore\": true\n}\n");
        bench.dockerd().start();
        keeper = bench.keeper(resources());
        keeper.keep(Order.byHand("root"));
        stamps = bench.stamps();
    }

    private Resource<?>[] resources() {
        FarrierConfig config = configuration();
        return switch (node) {
            case "docker" ->
                new Resource<?>[] {
                    new CertsDirectory(config, bench.files(), bench.ledger()),
                    new DaemonJsonFile(config, bench.files(), bench.ledger(), Optional.of(bench.runningDockerd()))
                };
            case "containerd" -> new Resource<?>[] {new HostsDirectory(config, bench.files(), bench.ledger())};
            default ->
                new Resource<?>[] {
                    new RegistriesYamlFile(config, Distribution.K3S, bench.files(), bench.ledger(), Optional.empty())
                };
        };
    }

    private static FarrierConfig configuration() {
        List<Registry> registries = new ArrayList<>();
        for (int i = 0; i < REGISTRIES; i++) {
            registries.add(Configurations.trusted("registry-" + i + ".example:5000", newCa(i)));
        }
        return Configurations.of(
                registries,
                Configurations.mirror("docker.io", "https://registry-0.example:5000"),
                Map.of("debug", true));
    }

    /** Of its own for each registry, because what was parsed once is remembered by its bytes. */
    private static byte[] newCa(int number) {
        return CertificateAuthority.create("CA " + number, Clock.systemUTC())
                .certificatePem()
                .getBytes(StandardCharsets.US_ASCII);
    }

    @TearDown
    public void nothingWasWritten() throws IOException {
        if (!bench.stamps().equals(stamps)) {
            throw new IllegalStateException("planning wrote something");
        }
        try (Stream<Path> paths = Files.walk(bench.root())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** What it cost: printed after each iteration. */
    @State(Scope.Thread)
    public static class Cpu {
        private final OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private long processBefore;
        private long threadBefore;
        private long plans;

        @Setup(Level.Iteration)
        public void start() {
            plans = 0;
            processBefore = process.getProcessCpuTime();
            threadBefore = threads.getCurrentThreadCpuTime();
        }

        @TearDown(Level.Iteration)
        public void say() {
            System.out.printf(
                    "%d plans, CPU of one: %.2f ms in its thread, %.2f ms with compiler and collector%n",
                    plans,
                    (threads.getCurrentThreadCpuTime() - threadBefore) / NANOS_PER_MILLI / Math.max(1, plans),
                    (process.getProcessCpuTime() - processBefore) / NANOS_PER_MILLI / Math.max(1, plans));
        }
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @Warmup(iterations = 3, time = 2)
    @Measurement(iterations = 5, time = 2)
    public NodePlan again(Cpu cpu) throws IOException {
        cpu.plans++;
        return unchanged();
    }

    /** The first of a process, with nothing compiled: what a verb costs beside its JVM. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @Fork(
            value = 5,
            jvmArgs = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m"})
    public NodePlan first(Cpu cpu) throws IOException {
        cpu.plans++;
        return unchanged();
    }

    private NodePlan unchanged() throws IOException {
        NodePlan plan = keeper.plan(Order.agent());
        if (!plan.files().stream().map(FilePlan::edits).allMatch(List::isEmpty)) {
            throw new IllegalStateException("the node is not unchanged: " + plan);
        }
        return plan;
    }
}
