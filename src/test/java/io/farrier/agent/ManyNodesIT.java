package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.agent.Fleet.Comeback;
import io.farrier.agent.Fleet.Fairness;
import io.farrier.agent.Fleet.Latency;
import io.farrier.testing.HostCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Many nodes and their one collector: what they do to it when it was away, and what one of them does to the others. {@code
 * packaging/bench.sh fleet} takes 200; the figures are its, here only what holds on any machine is asserted.
 */
final class ManyNodesIT {
    private static final int NODES = Integer.getInteger("farrier.fleet.nodes", 12);

    /** Seconds that the collector is away, one time after the other. */
    private static final String OUTAGES = System.getProperty("farrier.fleet.outages", "2");

    private static final Duration FLOOD = Duration.ofSeconds(Integer.getInteger("farrier.fleet.flood", 2));

    /** What a collector lets be under way ({@code FeedSession.CREDIT_BYTES}). */
    private static final long CREDIT_BYTES = 4L << 20;

    /** Five times the standard deviation of a count is not seen by chance. */
    private static final double SIGMAS = 5;

    @TempDir(factory = BesideTheJar.class)
    Path collectorFolder;

    @TempDir(factory = DisksOfNodes.class)
    Path nodesFolder;

    private final ObjectNode json =
            new ObjectMapper().createObjectNode().put("nodes", NODES).put("loadBefore", load());

    /** Not where others may write: a collector does not read its configuration there. */
    static final class BesideTheJar implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "fleet");
        }
    }

    /** In memory, if they are many: that many on the collector's own disk would be what is measured. */
    static final class DisksOfNodes implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(
                    Path.of(System.getProperty("farrier.fleet.disks", "target")).toAbsolutePath(), "fleet");
        }
    }

    @Test
    void comeBackSpreadOverTimeAndEachLineIsStoredOnce() throws Exception {
        try (HostCollector collector = Fleet.collector(collectorFolder);
                Fleet fleet = new Fleet(NODES, collector, nodesFolder)) {
            fleet.start();
            fleet.write();
            printComebackHead();
            for (String seconds : OUTAGES.split(",")) {
                Comeback comeback = fleet.loseCollectorFor(Duration.ofSeconds(Long.parseLong(seconds)));
                print(comeback);
                assertThat((double) comeback.knocks())
                        .as("attempts in one second, after " + comeback.outage())
                        .isLessThanOrEqualTo(mostKnocks(comeback.outage()));
            }
            fleet.settle();
            assertEachIsStoredOnce(fleet, collector);
        }
        write("comeback");
    }

    @Test
    void aFloodIsHeldBackAndEachLineOfAllIsStoredOnce() throws Exception {
        try (HostCollector collector = Fleet.collector(collectorFolder);
                Fleet fleet = new Fleet(NODES, collector, nodesFolder)) {
            fleet.start();
            Fairness fairness = fleet.besideFlood(FLOOD);
            print(fairness);
            assertThat(fairness.flood().leastBacklog())
                    .as("bytes that waited in the file of the node that floods")
                    .isGreaterThan(CREDIT_BYTES);
            assertEachIsStoredOnce(fleet, collector);
        }
        write("flood");
    }

    private static double mostKnocks(Duration outage) {
        double promised = Knocks.promisedShare(outage) * NODES;
        return Math.min(NODES, promised + SIGMAS * Math.sqrt(promised));
    }

    private static void assertEachIsStoredOnce(Fleet fleet, HostCollector collector) throws IOException {
        fleet.close();
        collector.close();
        try (FleetStore store = new FleetStore(collector.state("lines"))) {
            for (FleetNode node : fleet.nodes()) {
                assertEachIsStoredOnce(node, store.of(node.name()));
            }
        }
    }

    private static void assertEachIsStoredOnce(FleetNode node, FleetStore.Lines stored) {
        assertThat(stored.twice()).as("stored twice of " + node.name()).isEmpty();
        assertThat(stored.areAllTo(node.lines()))
                .as(
                        "%d lines of %s, of which %s are stored",
                        node.lines(), node.name(), stored.numbers().cardinality())
                .isTrue();
        assertThat(stored.losses()).as("declared lost of " + node.name()).isZero();
    }

    // ---- what is printed
    // ------------------------------------------------------------------------------------------------

    private static void printComebackHead() {
        System.out.printf(
                "%n%d nodes, load %s%n%-10s %16s %16s %9s %9s %7s %7s %10s %16s %8s%n",
                NODES,
                load(),
                "away",
                "refused/s, most",
                "attempts/s, most",
                "mean",
                "per node",
                "half",
                "all",
                "caught up",
                "CPU (its start)",
                "RSS");
    }

    private void print(Comeback comeback) {
        System.out.printf(
                Locale.ROOT,
                "%8.1f s %16d %16d %9.1f %9.2f %5.1f s %5.1f s %8.1f s %6.1f s (%4.1f s) %5.0f MB%n",
                comeback.outage().toMillis() / 1e3,
                comeback.refused(),
                comeback.knocks(),
                comeback.perSecond(),
                comeback.perNode(),
                comeback.halfSeconds(),
                comeback.allSeconds(),
                comeback.caughtUpSeconds(),
                comeback.cpuSeconds(),
                comeback.startCpuSeconds(),
                comeback.peakRssMb());
        json.withArrayProperty("comebacks")
                .addObject()
                .put("awaySeconds", comeback.outage().toMillis() / 1e3)
                .put("refusedInWorstSecond", comeback.refused())
                .put("attemptsInWorstSecond", comeback.knocks())
                .put("promisedInWorstSecond", Knocks.promisedShare(comeback.outage()) * NODES)
                .put("attemptsPerSecond", comeback.perSecond())
                .put("attemptsPerNode", comeback.perNode())
                .put("halfSeconds", comeback.halfSeconds())
                .put("allSeconds", comeback.allSeconds())
                .put("caughtUpSeconds", comeback.caughtUpSeconds())
                .put("cpuSeconds", comeback.cpuSeconds())
                .put("startCpuSeconds", comeback.startCpuSeconds())
                .put("peakRssMb", comeback.peakRssMb());
    }

    private void print(Fairness fairness) {
        System.out.printf(
                Locale.ROOT,
                "%n%d nodes, load %s; line to ack, ms %7s %10s %10s %10s%n",
                NODES,
                load(),
                "lines",
                "p50",
                "p99",
                "max");
        print("nobody floods", fairness.calm());
        print("one floods", fairness.flooded());
        System.out.printf(
                Locale.ROOT,
                "%-44s %18.2f %10.2f%nthe flood: %.1f MB/s, at least %.1f MB waiting in its file, no credit in %.0f %% of the time%n",
                "ratio",
                fairness.flooded().p50() / fairness.calm().p50(),
                fairness.flooded().p99() / fairness.calm().p99(),
                fairness.flood().bytesPerSecond() / 1e6,
                fairness.flood().leastBacklog() / 1e6,
                100 * fairness.flood().withoutRoom());
        json.put("floodBytesPerSecond", fairness.flood().bytesPerSecond())
                .put("floodLeastBacklogBytes", fairness.flood().leastBacklog())
                .put("floodWithoutRoom", fairness.flood().withoutRoom());
    }

    private void print(String when, Latency latency) {
        System.out.printf(
                Locale.ROOT,
                "%-44s %7d %10.2f %10.2f %10.2f%n",
                when,
                latency.lines(),
                latency.p50(),
                latency.p99(),
                latency.max());
        json.withArrayProperty("lineToAck")
                .addObject()
                .put("when", when)
                .put("lines", latency.lines())
                .put("p50Ms", latency.p50())
                .put("p99Ms", latency.p99())
                .put("maxMs", latency.max());
    }

    private void write(String name) throws IOException {
        Path into = Files.createDirectories(Path.of("target/bench/fleet"));
        json.put("loadAfter", load());
        Files.writeString(into.resolve(name + ".json"), json.toPrettyString() + "\n");
    }

    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        } catch (IOException unreadable) {
            return "unknown";
        }
    }
}
