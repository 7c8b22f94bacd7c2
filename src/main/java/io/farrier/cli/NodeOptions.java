package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.reconcile.Order;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which configuration, and which tree, a verb works on. */
final class NodeOptions {
    private static final Path AGENTS = Path.of("/etc/farrier/farrier.yaml");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/farrier/farrier.yaml",
            description = "the node's configuration (default: /etc/farrier/farrier.yaml)")
    Path config = AGENTS;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description =
                    "work on the tree below DIR, as for an image being built: no daemon is talked to or waited for")
    Path root = Path.of("/");

    Assembly assembly() {
        return new Assembly(config, root);
    }

    boolean isThisNode() {
        return root.equals(Path.of("/"));
    }

    /** True for the tree and the configuration that an agent on this node works with. */
    boolean isTheAgents() {
        return isThisNode() && config.equals(AGENTS);
    }

    /** Who gives the order, for the history. */
    static Order order() {
        return Order.byHand(Assembly.login());
    }
}
