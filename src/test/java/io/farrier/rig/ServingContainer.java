package io.farrier.rig;

import static io.farrier.rig.InstalledFarrier.SOON;

import io.farrier.testing.SystemdNode;

/** A container {@code web} that answers over HTTP and numbers its log lines, and somebody who asks it all the time. */
final class ServingContainer {
    private static final String ADDRESS = "127.0.0.1:8088";

    private final SystemdNode node;

    private ServingContainer(SystemdNode node) {
        this.node = node;
    }

    static ServingContainer start(SystemdNode node) {
        node.shell("docker run -d --network host --name web practice/local:1 sh -c '"
                + "echo served >/tmp/index.html; busybox httpd -p " + ADDRESS + " -h /tmp;"
                + " i=0; while true; do i=$((i+1)); echo line $i of web; sleep 0.1; done'");
        node.await(
                "the first answer",
                SOON,
                "served",
                () -> node.run("curl", "-s", ADDRESS).out().strip());
        node.write("/var/tmp/ask", """
                while true; do
                    answer=$(curl -sS --max-time 60 %s 2>&1)
                    test "$answer" = served || echo "$answer" >>/var/tmp/failed
                    echo $((asked += 1)) >/var/tmp/asked
                    sleep 0.05
                done
                """.formatted(ADDRESS));
        node.shell("rm -f /var/tmp/failed; systemd-run --unit=asks sh /var/tmp/ask");
        return of(node);
    }

    /** The one that was started. */
    static ServingContainer of(SystemdNode node) {
        return new ServingContainer(node);
    }

    /** What was answered instead, since it was started. */
    String failedRequests() {
        String asked = asked();
        node.await("another request", SOON, "false", () -> Boolean.toString(asked().equals(asked)));
        return node.shell("cat /var/tmp/failed 2>/dev/null || true");
    }

    /** All lines until now, each once. */
    void awaitStored(InstalledFarrier farrier) {
        NumberedLines.awaitStored(node, farrier, "web");
    }

    void remove() {
        node.shell("systemctl stop asks; docker rm -f web; rm -f /var/tmp/ask /var/tmp/asked /var/tmp/failed");
    }

    private String asked() {
        return node.run("cat", "/var/tmp/asked").out().strip();
    }
}
