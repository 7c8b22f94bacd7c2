package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.node.Ground;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Is what farrier writes still there after the next start of the node (SAFETY 19)? */
public final class ForgottenFilesCheck implements Check {
    private static final List<Path> KEPT =
            List.of(Path.of("/etc/docker"), Path.of("/etc/containerd"), Path.of("/etc/rancher"));

    private final Ground ground;

    public ForgottenFilesCheck(Ground ground) {
        this.ground = ground;
    }

    @Override
    public String name() {
        return "whether files last";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Path folder : KEPT) {
            Optional<String> because = ground.whyItDoesNotLast(folder);
            because.ifPresent(clause -> findings.add(Catalogue.filesForgotten(folder, clause, now)));
        }
        return findings;
    }
}
