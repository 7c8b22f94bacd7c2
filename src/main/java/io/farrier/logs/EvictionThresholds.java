package io.farrier.logs;

import io.farrier.node.CommandLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of a file system the kubelet wants free before it evicts pods, as this node's configuration says: {@code
 * evictionHard} and {@code evictionSoft} of a kubelet.conf, {@code eviction-hard} among the arguments of k3s, RKE2 or the
 * process itself. Of several the largest counts, whichever file system it is for.
 */
record EvictionThresholds(double share, long bytes) {
    /** The kubelet's own: 10 % of nodefs, 15 % of imagefs (kubernetes: pkg/kubelet/apis/config/v1beta1/defaults.go). */
    static final EvictionThresholds DEFAULT = new EvictionThresholds(0.15, 0);

    /** Distance to the threshold: the kubelet looks every ten seconds, and others write meanwhile. */
    private static final double MARGIN = 0.01;

    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final List<String> FILES =
            List.of("var/lib/kubelet/config.yaml", "etc/rancher/k3s/config.yaml", "etc/rancher/rke2/config.yaml");
    private static final List<String> FOLDERS = List.of(
            "etc/rancher/k3s/config.yaml.d",
            "etc/rancher/rke2/config.yaml.d",
            "var/lib/rancher/k3s/agent/etc/kubelet.conf.d",
            "var/lib/rancher/rke2/agent/etc/kubelet.conf.d");

    /** In YAML, in JSON and as an argument ({@code nodefs.available<10%}). */
    private static final Pattern THRESHOLD = Pattern.compile(
            "(?:nodefs|imagefs|containerfs)\\.available[\"']?\\s{0,8}[:<]\\s{0,8}[\"']?([0-9]{1,15}(?:\\.[0-9]{1,6})?)(%|[KMGT]i?)?");

    private static final Map<String, Long> UNITS = Map.of(
            "",
            1L,
            "K",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40);

    /** What files below {@code root}, and the kubelets that run there, say. */
    static EvictionThresholds read(Path root) {
        List<String> texts = new ArrayList<>();
        FILES.forEach(file -> add(texts, root.resolve(file)));
        FOLDERS.forEach(folder -> list(root.resolve(folder)).forEach(file -> add(texts, file)));
        kubelets(root.resolve("proc")).forEach(arguments -> texts.add(String.join(" ", arguments)));
        return of(texts);
    }

    static EvictionThresholds of(List<String> texts) {
        double share = 0;
        long bytes = 0;
        for (String text : texts) {
            Matcher threshold = THRESHOLD.matcher(text);
            while (threshold.find()) {
                double value = Double.parseDouble(threshold.group(1));
                String unit = threshold.group(2) == null ? "" : threshold.group(2);
                if (unit.equals("%")) {
                    share = Math.max(share, value / 100);
                } else {
                    bytes = Math.max(bytes, (long) (value * UNITS.getOrDefault(unit, 1L)));
                }
            }
        }
        return share == 0 && bytes == 0 ? DEFAULT : new EvictionThresholds(share, bytes);
    }

    /** What has to stay free of a file system of {@code total} bytes. */
    long floor(long total) {
        return Math.max((long) (total * share), bytes) + (long) (total * MARGIN);
    }

    private static List<List<String>> kubelets(Path proc) {
        try {
            return new CommandLines(proc).of("kubelet");
        } catch (IOException noProc) {
            return List.of();
        }
    }

    /** What cannot be read says nothing. */
    private static void add(List<String> texts, Path file) {
        try (var in = Files.newInputStream(file)) {
            texts.add(new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8));
        } catch (IOException none) {
            // Most nodes have one or two of these.
        }
    }

    private static List<Path> list(Path folder) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException none) {
            return files;
        }
        return files;
    }
}
