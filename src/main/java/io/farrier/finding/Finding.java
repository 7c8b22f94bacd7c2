package io.farrier.finding;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that is wrong, or cannot be known, on this node.
 *
 * @param causes findings that explain this one; it is then shown below them
 */
public record Finding(
        FindingKey key,
        Severity severity,
        String title,
        String detail,
        Optional<Remedy> remedy,
        Set<FindingKey> causes,
        Instant since) {
    public Finding {
        causes = Set.copyOf(causes);
    }
}
