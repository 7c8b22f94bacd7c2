package io.farrier.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which container runtime a node has. It looks at sockets first, because what is installed may not run and what runs may
 * not be installed as a package; then at what Rancher's distributions leave on disk. Cheap enough to be asked before
 * every call.
 */
public final class RuntimeFinder {
    /** What a node runs. */
    public enum Kind {
        DOCKER,
        RKE,
        K3S,
        RKE2,
        CONTAINERD;

        /** True where dockerd's own API is spoken; CRI everywhere else. */
        public boolean isDocker() {
            return this == DOCKER || this == RKE;
        }
    }

    public record Found(Kind kind, Path socket) {}

    private static final List<String> DOCKER = List.of("run/docker.sock", "var/run/docker.sock");
    /** k3s and RKE2 share it. */
    private static final List<String> RANCHER = List.of("run/k3s/containerd/containerd.sock");
    /** On a Docker node it is there, too, without the images of Kubernetes: it comes last, and dockerd may be late. */
    private static final List<String> CONTAINERD = List.of("run/containerd/containerd.sock");

    private static final List<String> RKE2_MARKS = List.of(
            "etc/rancher/rke2",
            "var/lib/rancher/rke2",
            "etc/systemd/system/rke2-server.service",
            "etc/systemd/system/rke2-agent.service",
            "usr/local/lib/systemd/system/rke2-server.service",
            "usr/local/lib/systemd/system/rke2-agent.service",
            "usr/lib/systemd/system/rke2-server.service",
            "usr/lib/systemd/system/rke2-agent.service");
    private static final List<String> K3S_MARKS = List.of(
            "etc/rancher/k3s",
            "var/lib/rancher/k3s",
            "etc/systemd/system/k3s.service",
            "etc/systemd/system/k3s-agent.service");
    private static final List<String> DOCKER_MARKS =
            List.of("usr/bin/dockerd", "usr/sbin/dockerd", "usr/local/bin/dockerd", "etc/docker");
    private static final List<String> CONTAINERD_MARKS =
            List.of("usr/bin/containerd", "usr/local/bin/containerd", "etc/containerd");
    /** dockerd is started with the node: it is away, not replaced. */
    private static final List<String> DOCKER_IS_ENABLED = List.of(
            "etc/systemd/system/multi-user.target.wants/docker.service",
            "etc/systemd/system/sockets.target.wants/docker.socket");

    private static final List<String> RKE_MARKS =
            List.of("etc/kubernetes/ssl/kube-ca.pem", "var/lib/rancher/rke", "opt/rke");

    private final Path root;
    private final Optional<Kind> wanted;
    private final Optional<Path> socket;

    /**
     * @param root the node's root, {@code /} except in tests
     * @param wanted what the configuration says the node is; empty to look
     * @param socket what the configuration says; empty to look
     */
    public RuntimeFinder(Path root, Optional<Kind> wanted, Optional<Path> socket) {
        this.root = root;
        this.wanted = wanted;
        this.socket = socket;
    }

    /** The runtime whose socket is there now; empty while there is none. */
    public Optional<Found> find() {
        if (socket.isPresent()) {
            return Optional.of(new Found(wanted.orElseGet(() -> kindOf(socket.get())), socket.get()));
        }
        if (wanted.isPresent()) {
            return live(sockets(wanted.get())).map(path -> new Found(wanted.get(), path));
        }
        return live(RANCHER)
                .map(path -> new Found(rancher(), path))
                .or(() -> live(DOCKER).map(path -> new Found(docker(), path)))
                .or(() -> plainContainerd().map(path -> new Found(Kind.CONTAINERD, path)));
    }

    private Optional<Path> plainContainerd() {
        boolean isDockers = DOCKER_IS_ENABLED.stream().map(root::resolve).anyMatch(Files::isSymbolicLink);
        return isDockers ? Optional.empty() : live(CONTAINERD);
    }

    /** What this tree was made to run, from what lies on disk: for a node that is down, or not booted yet. */
    public Optional<Kind> installed() {
        if (wanted.isPresent()) {
            return wanted;
        }
        if (anyOf(RKE2_MARKS)) {
            return Optional.of(Kind.RKE2);
        }
        if (anyOf(K3S_MARKS)) {
            return Optional.of(Kind.K3S);
        }
        if (anyOf(DOCKER_MARKS)) {
            return Optional.of(docker());
        }
        return anyOf(CONTAINERD_MARKS) ? Optional.of(Kind.CONTAINERD) : Optional.empty();
    }

    /** For messages: the sockets that were looked for. */
    public String tried() {
        if (socket.isPresent()) {
            return socket.get().toString();
        }
        List<String> sockets = wanted.map(RuntimeFinder::sockets)
                .orElseGet(() -> Stream.of(RANCHER, DOCKER, CONTAINERD)
                        .flatMap(List::stream)
                        .toList());
        return sockets.stream()
                .map(path -> root.resolve(path).toString())
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    private Kind kindOf(Path named) {
        if (named.getFileName().toString().contains("docker.sock")) {
            return docker();
        }
        return named.toString().contains("/k3s/") ? rancher() : Kind.CONTAINERD;
    }

    private static List<String> sockets(Kind kind) {
        return switch (kind) {
            case DOCKER, RKE -> DOCKER;
            case K3S, RKE2 -> RANCHER;
            case CONTAINERD -> CONTAINERD;
        };
    }

    private Kind rancher() {
        return anyOf(RKE2_MARKS) ? Kind.RKE2 : Kind.K3S;
    }

    private Kind docker() {
        return anyOf(RKE_MARKS) ? Kind.RKE : Kind.DOCKER;
    }

    private boolean anyOf(List<String> marks) {
        return marks.stream().anyMatch(mark -> Files.exists(root.resolve(mark)));
    }

    private Optional<Path> live(List<String> sockets) {
        return sockets.stream()
                .map(root::resolve)
                .filter(RuntimeFinder::isSocket)
                .findFirst();
    }

    /** Docker makes a folder of a socket that is mounted into a container before it exists. */
    private static boolean isSocket(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isOther();
        } catch (IOException absent) {
            return false;
        }
    }
}
