package io.farrier.check;

import io.farrier.document.JsonDocument;
import io.farrier.document.JsonValue;
import io.farrier.node.DaemonProcess;
import io.farrier.node.NodeFiles;
import io.farrier.node.Processes;
import io.farrier.pki.GoVersion;
import io.farrier.plan.FileState;
import io.farrier.route.ProxyRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a runtime's process says about how it asks registries: the Go it was built with, and its proxies. */
public final class RuntimeProcess {
    private static final int MAX_UNIT_BYTES = 256 * 1024;

    /** Where people set proxies, per daemon: the units' own files first. */
    private static final List<String> UNITS = List.of(
            "docker.service",
            "containerd.service",
            "k3s.service",
            "k3s-agent.service",
            "rke2-server.service",
            "rke2-agent.service");

    private static final Path DAEMON_JSON = Path.of("/etc/docker/daemon.json");
    private static final JsonValue NO_PROXIES = new JsonValue.Obj(Map.of());
    private static final Map<String, String> KEYS =
            Map.of("HTTP_PROXY", "http-proxy", "HTTPS_PROXY", "https-proxy", "NO_PROXY", "no-proxy");

    private final DaemonProcess daemon;
    private final Processes processes;
    private final NodeFiles files;
    private volatile Known known = new Known(0, Optional.empty());

    /** Looking into a program of 90 MB takes a while; it is the same one as long as its pid is. */
    private record Known(int pid, Optional<GoVersion> go) {}

    public RuntimeProcess(DaemonProcess daemon, Processes processes, NodeFiles files) {
        this.daemon = daemon;
        this.processes = processes;
        this.files = files;
    }

    /** Empty while it does not run, or where farrier may not look. */
    Optional<GoVersion> go() {
        try {
            int pid = processes.find(daemon);
            if (known.pid() != pid) {
                known = new Known(pid, GoBuild.of(processes.program(pid)));
            }
            return known.go();
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    /** Of its environment, as it was started; for dockerd, what daemon.json has goes before that (Docker 23 and newer). */
    ProxyRules proxies() {
        Map<String, String> variables = new HashMap<>();
        try {
            variables.putAll(processes.environment(processes.find(daemon)));
        } catch (IOException unknown) {
            // It does not run, or farrier may not look: the file still counts.
        }
        variables.putAll(ofDaemonJson());
        return new ProxyRules(variables);
    }

    private Map<String, String> ofDaemonJson() {
        if (!daemon.comm().equals("dockerd")) {
            return Map.of();
        }
        Map<String, String> variables = new HashMap<>();
        try {
            FileState state = files.read(DAEMON_JSON, MAX_UNIT_BYTES);
            if (!state.isAbsent()) {
                JsonValue proxies =
                        JsonDocument.parse(state.content()).get("proxies").orElse(NO_PROXIES);
                Map<String, JsonValue> set = proxies instanceof JsonValue.Obj keys ? keys.members() : Map.of();
                KEYS.forEach((variable, key) -> {
                    if (set.get(key) instanceof JsonValue.Text value) {
                        variables.put(variable, value.value());
                    }
                });
            }
        } catch (IOException notRead) {
            return Map.of(); // dockerd does not start with it; a check of its own says so
        }
        return variables;
    }

    /** {@code HTTPS_PROXY of dockerd (/etc/systemd/system/docker.service.d/proxy.conf)}. */
    String origin(String variable) {
        if (ofDaemonJson().containsKey(variable)) {
            return "'" + KEYS.get(variable) + "' of 'proxies' in " + DAEMON_JSON;
        }
        return variable + " of " + daemon.comm()
                + fileWith(variable).map(file -> " (" + file + ")").orElse("");
    }

    private Optional<Path> fileWith(String variable) {
        try {
            for (Path file : candidates()) {
                String text = new String(files.read(file, MAX_UNIT_BYTES).content(), StandardCharsets.UTF_8);
                if (text.contains(variable + "=") || text.contains("CONTAINERD_" + variable + "=")) {
                    return Optional.of(file);
                }
            }
            return Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private List<Path> candidates() throws IOException {
        List<Path> candidates = new ArrayList<>();
        for (String unit : UNITS) {
            Path folder = Path.of("/etc/systemd/system", unit + ".d");
            for (NodeFiles.Entry entry : files.list(folder)) {
                if (entry.name().endsWith(".conf")) {
                    candidates.add(folder.resolve(entry.name()));
                }
            }
            String stem = unit.replace(".service", "");
            candidates.add(Path.of("/etc/systemd/system", unit));
            candidates.add(Path.of("/etc/systemd/system", unit + ".env"));
            candidates.add(Path.of("/etc/default", stem));
            candidates.add(Path.of("/etc/sysconfig", stem));
            candidates.add(Path.of("/usr/local/lib/systemd/system", stem + ".env"));
        }
        candidates.add(Path.of("/etc/environment"));
        return candidates;
    }
}
