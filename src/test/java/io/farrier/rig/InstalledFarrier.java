package io.farrier.rig;

import static io.farrier.testing.SystemdNode.REGISTRY;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the campaigns ask a machine on which farrier is installed, and tell it. */
final class InstalledFarrier {
    /** Only bounds waiting. */
    static final Duration SOON = Duration.ofMinutes(1);

    /** Puts the words of the machine's collector where its agent looks for them, and prints the pin of its certificate. */
    private static final String MEET_COLLECTOR = "systemctl enable --quiet --now farrier-collector;"
            + " install -m 600 /var/lib/farrier-collector/agent.token /etc/farrier/secrets/token;"
            + " journalctl -u farrier-collector -o cat --no-pager"
            + " | sed -n 's/.*agents trust.*sha256 \\([0-9a-f]*\\)$/\\1/p' | tail -n 1";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final SystemdNode node;

    InstalledFarrier(SystemdNode node) {
        this.node = node;
    }

    /** The registry's CA, as a file that the configuration names. */
    void takeCa() {
        node.shell("cp /etc/practice/trust/ca.crt /etc/farrier/certs/registry-ca.crt");
    }

    /** @param more lines of the configuration */
    void configure(String mode, String more) {
        node.write("/etc/farrier/farrier.yaml", """
                mode: %s
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                    proof: %s/practice/app:1
                %s%s""".formatted(
                        mode, REGISTRY, REGISTRY, more, more.contains("changes:") ? "" : "changes: {spread: none}\n"));
    }

    /** The configuration's section for a collector on the machine itself, which is started. */
    String withCollectorHere() {
        return "collector: {url: \"wss://localhost:8470/feed\", sha256: " + node.shell(MEET_COLLECTOR)
                + ", token_file: secrets/token}\n";
    }

    SystemdNode.Run pull() {
        node.run("docker", "rmi", REGISTRY + "/practice/app:1");
        return node.run("docker", "pull", REGISTRY + "/practice/app:1");
    }

    String etcDocker() {
        return folder("/etc/docker");
    }

    /** Names, modes, owners and contents. */
    String folder(String folder) {
        return node.shell("cd " + folder
                + "; find . -printf '%p %m %u:%g\\n' | sort; find . -type f | sort | xargs -r sha256sum");
    }

    /** What tells a container that was never stopped. */
    String life(String container) {
        return node.shell(
                "docker inspect --format '{{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}}' " + container);
    }

    /** What a unit's process has mapped executable. */
    List<String> executables(String unit) {
        return node.shell("awk '$2 ~ /x/ && $6 ~ /^\\// { print $6 }' /proc/" + pid(unit) + "/maps | sort -u")
                .lines()
                .toList();
    }

    int pid(String unit) {
        return Integer.parseInt(node.property(unit, "MainPID"));
    }

    int restarts() {
        return Integer.parseInt(node.property("farrier", "NRestarts"));
    }

    String journal() {
        return node.shell("journalctl -u farrier -o cat --no-pager");
    }

    void awaitActive() {
        node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
    }

    void awaitConnected() {
        node.await("the connection", SOON, "true", () -> status(".collector.connected"));
    }

    void awaitStatus(String pattern) {
        node.await(
                "the status line",
                SOON,
                "true",
                () -> Boolean.toString(node.property("farrier", "StatusText").matches(pattern)));
    }

    void awaitFinding(String code) {
        node.await(
                "the finding " + code,
                SOON,
                "true",
                () -> Boolean.toString(
                        node.run("farrier", "status", "-o", "json").out().contains("\"" + code)));
    }

    /** @param path such as {@code .collector.connected} */
    String status(String path) {
        String keys = Stream.of(path.substring(1).split("\\."))
                .map(key -> "['" + key + "']")
                .collect(Collectors.joining());
        return node.run(
                        "sh",
                        "-c",
                        "farrier status -o json | python3 -c \"import json, sys; print(json.dumps(json.load(sys.stdin)"
                                + keys + "))\"")
                .out()
                .strip();
    }

    /** What is acknowledged of each source, as it stands on disk. */
    Map<String, String> cursors() {
        Map<String, String> acked = new TreeMap<>();
        try {
            for (String line : node.shell("cat /var/lib/farrier/cursors").split("\n")) {
                JsonNode entry = JSON.readTree(line.substring(line.indexOf(' ')));
                acked.put(entry.path("id").asText(), entry.path("acked").toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return acked;
    }

    boolean isInSafeMode() {
        return node.run("farrier", "status", "-o", "json").out().contains("\"safe_mode\"");
    }

    /** The answer of the collector on the machine, asked there. */
    JsonNode api(String path) {
        try {
            return JSON.readTree(node.shell("python3 -c 'import ssl, sys, urllib.request as u;"
                    + " print(u.urlopen(u.Request(\"https://localhost:8470" + path
                    + "\", headers={\"Authorization\": \"Bearer \" +"
                    + " open(\"/var/lib/farrier-collector/viewer.token\").read().strip()}),"
                    + " context=ssl._create_unverified_context()).read().decode())'"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code systemd-analyze security} makes of a unit. */
    double exposure(String unit) {
        String words = node.shell("systemd-analyze security --no-pager " + unit + " | tail -n 2");
        return Double.parseDouble(words.replaceAll("(?s).*: ([0-9.]+) .*", "$1"));
    }

    /** Files of farrier's anywhere but in logs, in what dpkg remembers, and in what a campaign put there itself. */
    String leftovers() {
        return node.shell("find / -xdev -path /proc -prune -o -path /var/log -prune -o -path /var/lib/dpkg -prune -o"
                + " -path /var/tmp -prune -o -name '*farrier*' -print;"
                + " find /var /run -xdev -path /var/log -prune -o -path /var/lib/dpkg -prune -o"
                + " -path /var/tmp -prune -o -name '*farrier*' -print;"
                + " ls -d /var/lib/docker/farrier-held /var/log/farrier-held 2>/dev/null || true");
    }
}
