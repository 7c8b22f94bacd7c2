package io.farrier.vitals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What went over the interfaces of a container's own network namespace. */
final class NetworkCounters {
    private static final int HEADING_LINES = 2;
    private static final int RECEIVED = 0;
    private static final int SENT = 8;

    private final Path proc;

    record Bytes(long received, long sent) {
        static final Bytes NONE = new Bytes(0, 0);
    }

    NetworkCounters(Path proc) {
        this.proc = proc;
    }

    /**
     * None for a container in the host's network: those bytes are the node's, not its own. None either where the kernel
     * does not let us look into another process's namespaces; the rest of the container's usage is as good without.
     */
    Bytes of(List<String> processes) {
        try {
            return processes.isEmpty() || isOurNetwork(processes.get(0)) ? Bytes.NONE : read(processes.get(0));
        } catch (IOException ended) {
            return Bytes.NONE;
        }
    }

    private Bytes read(String process) throws IOException {
        return sum(Files.readAllLines(proc.resolve(process).resolve("net/dev")));
    }

    /** farrier itself runs in the host's network, and may always read its own link; that of pid 1 it may not everywhere. */
    private boolean isOurNetwork(String process) throws IOException {
        Path theirs = Files.readSymbolicLink(proc.resolve(process).resolve("ns/net"));
        return theirs.equals(Files.readSymbolicLink(proc.resolve("self/ns/net")));
    }

    /** {@code eth0: bytes packets errs drop fifo frame compressed multicast bytes ...} (proc(5)). */
    private static Bytes sum(List<String> lines) {
        long received = 0;
        long sent = 0;
        for (String line : lines.subList(Math.min(HEADING_LINES, lines.size()), lines.size())) {
            int colon = line.indexOf(':');
            String[] numbers = line.substring(colon + 1).trim().split("\\s+");
            if (colon > 0 && !line.substring(0, colon).trim().equals("lo") && numbers.length > SENT) {
                received += Long.parseLong(numbers[RECEIVED]);
                sent += Long.parseLong(numbers[SENT]);
            }
        }
        return new Bytes(received, sent);
    }
}
