package io.farrier.rig;

import static io.farrier.testing.SystemdNode.REGISTRY;

import io.farrier.testing.SystemdNode;
import java.util.List;

/** One call of each verb that does its work, on a node that is as it should be, with a collector beside the agent. */
final class VerbsOnANode {
    private static final String IMAGE = REGISTRY + "/practice/app:1";

    /** The exit code, then the command. */
    private static final List<String> CALLS = List.of(
            "0 farrier plan",
            "0 farrier apply",
            "0 farrier recover",
            "0 farrier history",
            "0 farrier pause --for 1m --reason trying",
            "0 farrier resume",
            "0 farrier probe " + REGISTRY + " " + IMAGE,
            "0 farrier why " + IMAGE,
            "0 farrier images list",
            "0 farrier images check",
            "0 farrier images pull",
            "0 farrier images save --to /var/tmp/images.tar",
            "0 farrier images load /var/tmp/images.tar",
            "0 farrier logs app",
            "0 farrier logs --would-ship",
            "0 farrier certs ca --dir /var/tmp/pki",
            "0 farrier certs show /var/tmp/pki/ca.crt",
            "0 farrier config check --show",
            "0 farrier config check /etc/farrier/collector.yaml",
            "0 farrier completion bash",
            "0 farrier version --crypto",
            "0 farrier collector invite",
            "0 farrier collector members",
            // Its /etc is in memory, and it says so.
            "3 farrier status",
            "3 farrier doctor");

    private VerbsOnANode() {}

    static void allWork(SystemdNode node) {
        node.shell(
                "mkdir -p /var/lib/farrier-collector/packages; cp /var/tmp/next.deb /var/lib/farrier-collector/packages/farrier_0.1.1_amd64.deb");
        for (String call : CALLS) {
            node.run("sh", "-c", call.substring(2)).exited(Integer.parseInt(call.substring(0, 1)));
        }
        node.shell("rm -r /var/tmp/images.tar /var/tmp/pki /var/lib/farrier-collector/packages/*.deb");
    }
}
