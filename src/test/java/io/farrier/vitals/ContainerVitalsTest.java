package io.farrier.vitals;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both generations of control groups, from trees as a kernel writes them. */
final class ContainerVitalsTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    @TempDir
    private Path root;

    private Path cgroups;
    private Path proc;

    @BeforeEach
    void makeProc() throws IOException {
        cgroups = Files.createDirectories(root.resolve("cgroup"));
        proc = Files.createDirectories(root.resolve("proc"));
        link("self/ns/net", "net:[1]");
        link("42/ns/net", "net:[42]");
        write(proc.resolve("42/net/dev"), """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls
                    lo:     999       1    0    0    0     0          0         0      999       1    0    0    0     0
                  eth0:    1000       2    0    0    0     0          0         0     2000       2    0    0    0     0
                """);
    }

    private void link(String path, String to) throws IOException {
        Path link = proc.resolve(path);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(to));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void writeV1(String group) throws IOException {
        Path memory = cgroups.resolve("memory").resolve(group);
        write(memory.resolve("memory.usage_in_bytes"), "5000\n");
        write(memory.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
        write(memory.resolve("memory.stat"), "cache 100\ninactive_file 7\ntotal_inactive_file 1000\n");
        write(memory.resolve("cgroup.procs"), "42\n43\n");
        write(cgroups.resolve("cpuacct").resolve(group).resolve("cpuacct.usage"), "123456789\n");
        write(
                cgroups.resolve("blkio").resolve(group).resolve("blkio.throttle.io_service_bytes"),
                "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:16 Read 4\nTotal 12292\n");
    }

    private void writeV2(String group) throws IOException {
        write(cgroups.resolve("cgroup.controllers"), "cpu io memory\n");
        Path folder = cgroups.resolve(group);
        write(folder.resolve("memory.current"), "5000\n");
        write(folder.resolve("memory.max"), "max\n");
        write(folder.resolve("memory.stat"), "anon 1\ninactive_file 1000\n");
        write(folder.resolve("cgroup.procs"), "42\n");
        write(folder.resolve("cpu.stat"), "usage_usec 123456\nuser_usec 1\n");
        write(
                folder.resolve("io.stat"),
                "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=9 dios=0\n8:16 rbytes=4 wbytes=0\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker/" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "kubepods/burstable/pod1-2/" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void readsTheFirstGeneration(String group) throws IOException {
        writeV1(group);

        assertThat(usage()).containsExactly(new ContainerUsage(ID, 123456789, 4000, 0, 4100, 8192, 1000, 2000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope",
                "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/"
                        + "cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"
            })
    void readsTheSecondGeneration(String group) throws IOException {
        writeV2(group);

        assertThat(usage()).containsExactly(new ContainerUsage(ID, 123456000, 4000, 0, 4100, 8192, 1000, 2000));
    }

    @Test
    void givesTheLimitWhereThereIsOne() throws IOException {
        writeV2("docker/" + ID);
        write(cgroups.resolve("docker").resolve(ID).resolve("memory.max"), "8388608\n");

        assertThat(usage()).extracting(ContainerUsage::memoryLimitBytes).containsExactly(8388608L);
    }

    @Test
    void doesNotCountTheNodesOwnNetwork() throws IOException {
        writeV1("docker/" + ID);
        Files.delete(proc.resolve("42/ns/net"));
        link("42/ns/net", "net:[1]");

        assertThat(usage()).extracting(ContainerUsage::networkReceivedBytes).containsExactly(0L);
    }

    @Test
    void keepsTheRestWhereTheNetworkMayNotBeRead() throws IOException {
        writeV1("docker/" + ID);
        Files.delete(proc.resolve("42/ns/net"));

        assertThat(usage()).containsExactly(new ContainerUsage(ID, 123456789, 4000, 0, 4100, 8192, 0, 0));
    }

    @Test
    void leavesOutWhatHasNoGroup() throws IOException {
        writeV1("docker/" + ID);

        List<ContainerUsage> usage = new ContainerVitals(cgroups, proc).usage(List.of("f".repeat(64), ID));

        assertThat(usage).extracting(ContainerUsage::containerId).containsExactly(ID);
    }

    @Test
    void findsAContainerThatMovedAndForgetsOneThatEnded() throws IOException {
        writeV1("docker/" + ID);
        ContainerVitals vitals = new ContainerVitals(cgroups, proc);
        assertThat(vitals.usage(List.of(ID))).hasSize(1);

        Files.move(cgroups.resolve("memory/docker"), cgroups.resolve("memory/gone"));
        for (String controller : List.of("cpuacct", "blkio")) {
            Files.move(
                    cgroups.resolve(controller).resolve("docker"),
                    cgroups.resolve(controller).resolve("gone"));
        }

        assertThat(vitals.usage(List.of(ID))).hasSize(1);
    }

    private List<ContainerUsage> usage() {
        return new ContainerVitals(cgroups, proc).usage(List.of(ID));
    }
}
