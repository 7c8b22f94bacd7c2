package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.node.SafeModeFile;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Does the agent only watch, because it died too often or in the middle of a change? */
public final class SafeModeCheck implements Check {
    private final SafeModeFile file;

    public SafeModeCheck(SafeModeFile file) {
        this.file = file;
    }

    @Override
    public String name() {
        return "safe mode";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        return file.current().map(on -> Catalogue.safeMode(on, now)).stream().toList();
    }
}
