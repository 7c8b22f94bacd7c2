package io.farrier.keep.rancher;

import io.farrier.node.NodeFiles;
import io.farrier.plan.DaemonName;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a k3s or RKE2 node is, from what lies on its disk.
 *
 * @param isServer true with a control plane, and perhaps a member of etcd: farrier never restarts it (SAFETY 4)
 */
public record RancherNode(Distribution distribution, boolean isServer) {
    /** A distribution and where it has its files (FACTS 2.5). */
    public enum Distribution {
        K3S("k3s", "k3s", "k3s-agent"),
        RKE2("rke2", "rke2-server", "rke2-agent");

        private final String word;
        private final String server;
        private final String agent;

        Distribution(String word, String server, String agent) {
            this.word = word;
            this.server = server;
            this.agent = agent;
        }

        String word() {
            return word;
        }

        Path folder() {
            return Path.of("/etc/rancher", word);
        }

        public Path registriesYaml() {
            return folder().resolve("registries.yaml");
        }

        /** The CAs and client pairs that registries.yaml names. */
        Path trustFolder() {
            return folder().resolve("farrier");
        }

        ResourceName resource() {
            return new ResourceName(word + "/registries.yaml");
        }

        private List<Path> serverMarks() {
            return List.of(
                    Path.of("/var/lib/rancher", word, "server"),
                    Path.of("/etc/systemd/system/multi-user.target.wants", server + ".service"));
        }
    }

    /** What cannot be looked at counts as a server: that one is never restarted. */
    public static RancherNode look(Distribution distribution, NodeFiles files) {
        try {
            boolean isServer = false;
            for (Path mark : distribution.serverMarks()) {
                isServer |= files.exists(mark);
            }
            return new RancherNode(distribution, isServer);
        } catch (IOException unreadable) {
            return new RancherNode(distribution, true);
        }
    }

    /** The unit that reads registries.yaml on this node. */
    public DaemonName daemon() {
        return new DaemonName(isServer ? distribution.server : distribution.agent);
    }
}
