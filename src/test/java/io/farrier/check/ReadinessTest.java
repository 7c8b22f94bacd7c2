package io.farrier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReadinessTest {
    @Test
    void whatKeepsPodsFromStartingIsWaitedFor() {
        Readiness readiness = Readiness.of(
                List.of(
                        finding("image.missing", Severity.ERROR),
                        finding("registry.untrusted", Severity.ERROR),
                        finding("change.pending", Severity.WARNING),
                        finding("check.unknown", Severity.UNKNOWN)),
                List.of("reg.example:5000"));
        assertThat(readiness.isReady()).isFalse();
        assertThat(readiness.waitsFor())
                .containsExactly(
                        "title of image.missing",
                        "title of registry.untrusted",
                        "title of change.pending",
                        "title of check.unknown",
                        "the last change for reg.example:5000 was not proven by a pull");
    }

    @Test
    void whatIsOnlyWorthKnowingIsNot() {
        assertThat(Readiness.of(
                                List.of(
                                        finding("ca.expires", Severity.WARNING),
                                        finding("registry.insecure", Severity.WARNING),
                                        finding("image.note", Severity.INFO),
                                        finding("agent.safe-mode", Severity.ERROR)),
                                List.of())
                        .isReady())
                .isTrue();
    }

    private static Finding finding(String code, Severity severity) {
        return new Finding(
                FindingKey.of(code), severity, "title of " + code, "", Optional.empty(), Set.of(), Instant.EPOCH);
    }
}
