package io.farrier.agent;

import io.farrier.check.Catalogue;
import io.farrier.config.FarrierConfig;
import io.farrier.finding.Finding;
import io.farrier.logs.LogScope;
import io.farrier.logs.PlainFiles;
import io.farrier.logs.Tail;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What the configuration wants of a node's logs, and what is to be said about them. */
final class ShippedLogs {
    private static final long NO_LIMIT = 0;

    private ShippedLogs() {}

    static Tail.Wanted wanted(FarrierConfig.Logs logs) {
        FarrierConfig.LogBounds bounds = logs.bounds();
        return new Tail.Wanted(
                new LogScope(logs.include(), logs.exclude()),
                new PlainFiles(logs.files()),
                bounds.holdBytes(),
                bounds.historyBytes(),
                bounds.nodeRate().orElse(NO_LIMIT),
                bounds.logRate().orElse(NO_LIMIT),
                logs.redact(),
                Path.of("/"));
    }

    static List<Finding> findings(Tail.Status status, Instant now) {
        List<Finding> findings = new ArrayList<>();
        status.redactionsOff().forEach(rule -> findings.add(Catalogue.redactionOff(rule, now)));
        if (status.heldByDescriptorOnly() > 0) {
            findings.add(Catalogue.heldByDescriptor(status.heldByDescriptorOnly(), now));
        }
        if (!status.unread().isEmpty()) {
            findings.add(Catalogue.noLogFile(status.unread(), now));
        }
        return findings;
    }
}
