package io.farrier.check;

import io.farrier.finding.Finding;
import java.util.List;

/**
 * What one check said.
 *
 * @param isKnown false when it could not be made; the one finding then says so, and what it said before still stands
 */
public record CheckResult(String check, boolean isKnown, List<Finding> findings) {
    public CheckResult {
        findings = List.copyOf(findings);
    }
}
