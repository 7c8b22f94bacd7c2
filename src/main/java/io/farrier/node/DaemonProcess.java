package io.farrier.node;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the process of a daemon can be found.
 *
 * @param comm its name in {@code /proc/PID/comm}, at most 15 characters
 * @param units the systemd units it may run as
 * @param sockets its API sockets
 * @param pidFiles the files it may write its pid to
 */
public record DaemonProcess(String comm, List<String> units, List<Path> sockets, List<Path> pidFiles) {
    public static final DaemonProcess DOCKERD = new DaemonProcess(
            "dockerd",
            List.of("docker.service"),
            List.of(Path.of("/run/docker.sock"), Path.of("/var/run/docker.sock")),
            List.of(Path.of("/run/docker.pid"), Path.of("/var/run/docker.pid")));

    public DaemonProcess {
        units = List.copyOf(units);
        sockets = List.copyOf(sockets);
        pidFiles = List.copyOf(pidFiles);
    }

    /** The same daemon at another socket. */
    public DaemonProcess at(Path socket) {
        return new DaemonProcess(comm, units, List.of(socket), pidFiles);
    }
}
