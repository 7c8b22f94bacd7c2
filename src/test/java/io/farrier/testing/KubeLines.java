package io.farrier.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Lines as the parts of a cluster print them, in Docker's JSON or as CRI runtimes write them: klog, etcd's own JSON, access logs, Go stack words. What
 * varies in real ones (times, addresses, ids, counts) is random here, so that they compress about as real ones do.
 */
public final class KubeLines {
    private static final String[] WORDS = {
        "kube-system", "cattle-system", "coredns", "rancher-agent", "default", "metrics-server", "ingress-nginx",
        "canal", "longhorn-system", "monitoring", "cert-manager", "fleet-agent", "calico-node", "kube-proxy"
    };
    private static final String[] FILES = {
        "reconciler.go:224",
        "kubelet.go:2183",
        "pod_workers.go:191",
        "manager.go:1123",
        "trace.go:205",
        "controller.go:611",
        "reflector.go:138",
        "round_trippers.go:454"
    };

    /** A cluster has so many pods; its parts speak of them again and again. */
    private static final int PODS = 500;

    private final SplittableRandom random;
    private final String[] podNames = new String[PODS];
    private final String[] podIds = new String[PODS];
    private long nanos;

    public KubeLines(long seed) {
        this.random = new SplittableRandom(seed);
        this.nanos = random.nextLong(3_600_000_000_000L);
        for (int pod = 0; pod < PODS; pod++) {
            podNames[pod] = pick(WORDS) + "-" + word(9) + "-" + word(5);
            podIds[pod] = uuid();
        }
    }

    /** {@code count} lines with their line feeds; {@code marker}, if any, is a part of one of them. */
    public byte[] next(int count, String marker) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(count * 300);
        int marked = marker.isEmpty() ? -1 : random.nextInt(count);
        for (int line = 0; line < count; line++) {
            bytes.writeBytes(docker(text() + (line == marked ? " " + marker : "")));
        }
        return bytes.toByteArray();
    }

    /** {@code count} lines as containerd writes them. */
    public byte[] nextCri(int count) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(count * 260);
        for (int line = 0; line < count; line++) {
            bytes.writeBytes(cri(text()));
        }
        return bytes.toByteArray();
    }

    private byte[] cri(String text) {
        nanos += random.nextLong(20_000_000);
        String line = "2026-11-20T" + clock() + "." + pad(nanos % 1_000_000_000L, 9) + "+00:00 "
                + (random.nextInt(4) == 0 ? "stdout" : "stderr") + " F " + text + "\n";
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] docker(String text) {
        nanos += random.nextLong(20_000_000);
        String json = "{\"log\":\"" + text.replace("\"", "\\\"") + "\\n\",\"stream\":\""
                + (random.nextInt(4) == 0 ? "stdout" : "stderr") + "\",\"time\":\"2026-11-20T" + clock()
                + "." + pad(nanos % 1_000_000_000L, 9) + "Z\"}\n";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private String text() {
        return switch (random.nextInt(20)) {
            // What announces secrets and holds none is in every cluster's lines.
            case 0 ->
                "W1120 " + clock() + "." + pad(random.nextInt(1_000_000), 6) + "    1 " + pick(FILES)
                        + "] failed to list *v1.Secret: Get \"https://10.43.0.1:443/api/v1/namespaces/" + pick(WORDS)
                        + "/secrets?limit=500\": dial tcp 10.43.0.1:443: i/o timeout";
            case 1 ->
                "I1120 " + clock() + "." + pad(random.nextInt(1_000_000), 6)
                        + "    1 operation_generator.go:722] MountVolume.SetUp succeeded for volume \"" + pick(WORDS)
                        + "-token-" + word(5) + "\" pod \"" + pick(podNames) + "\"";
            case 2, 3, 4 ->
                "I1120 " + clock() + "." + pad(random.nextInt(1_000_000), 6) + "    1 " + pick(FILES)
                        + "] operationExecutor.VerifyControllerAttachedVolume started for volume \"kube-api-access-"
                        + word(5) + "\" (UniqueName: \"kubernetes.io/projected/" + uuid() + "\") pod \"" + pick(WORDS)
                        + "-" + word(9) + "\"";
            case 5, 6, 7 ->
                "{\"level\":\"info\",\"ts\":\"2026-11-20T" + clock()
                        + "Z\",\"caller\":\"mvcc/kvstore_compaction.go:57\",\"msg\":\"finished scheduled compaction\","
                        + "\"compact-revision\":" + random.nextInt(9_000_000) + ",\"took\":\"" + random.nextInt(90)
                        + "."
                        + random.nextInt(1_000_000) + "ms\"}";
            case 8, 9, 10 ->
                "10.42." + random.nextInt(256) + "." + random.nextInt(256) + " - - [20/Nov/2026:" + clock()
                        + " +0000] \"GET /api/v1/namespaces/" + pick(WORDS) + "/pods/" + pick(podNames)
                        + "?timeoutSeconds=" + random.nextInt(600) + " HTTP/2.0\" 200 " + random.nextInt(100_000)
                        + " \"-\" \"kube-probe/1.28\"";
            case 11, 12, 13 ->
                "E1120 " + clock() + "." + pad(random.nextInt(1_000_000), 6) + "    1 " + pick(FILES)
                        + "] Error syncing pod " + pick(podIds) + ", skipping: failed to \"StartContainer\" for \""
                        + pick(WORDS)
                        + "\" with CrashLoopBackOff: \"back-off " + random.nextInt(300)
                        + "s restarting failed container\"";
            case 14, 15, 16 ->
                "level=info msg=\"watch closed\" resource=" + pick(WORDS) + " revision="
                        + random.nextInt(90_000_000) + " duration=" + random.nextInt(100_000) + "us remote=10.43."
                        + random.nextInt(256) + "." + random.nextInt(256) + ":" + (30_000 + random.nextInt(30_000));
            default ->
                "Trace[" + random.nextInt(2_000_000_000) + "]: \"List\" url:/apis/apps/v1/" + pick(WORDS)
                        + ",user-agent:rancher/v2.8 (linux/amd64) kubernetes/$Format,client:192.168."
                        + random.nextInt(256) + "." + random.nextInt(256) + " (" + clock() + ") (total time: "
                        + random.nextInt(5_000) + "ms)";
        };
    }

    private String clock() {
        long seconds = nanos / 1_000_000_000L;
        return pad(seconds / 3600 % 24, 2) + ":" + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2);
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }

    private String word(int length) {
        StringBuilder word = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            word.append("abcdefghijklmnopqrstuvwxyz0123456789".charAt(random.nextInt(36)));
        }
        return word.toString();
    }

    private String uuid() {
        return hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);
    }

    private String hex(int length) {
        StringBuilder hex = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            hex.append(Character.forDigit(random.nextInt(16), 16));
        }
        return hex.toString();
    }

    private static String pad(long number, int length) {
        String digits = Long.toString(number);
        return "0".repeat(Math.max(0, length - digits.length())) + digits;
    }
}
