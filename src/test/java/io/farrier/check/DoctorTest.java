package io.farrier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Severity;
import io.farrier.runtime.RuntimeUnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DoctorTest {
    /** Only bounds waiting: a busy machine may take ten times as long as a free one. */
    @BeforeAll
    static void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Test
    void theWorstComesFirstAndEachKeyOnce() {
        try (Doctor doctor = doctor(
                PATIENCE,
                check("a", finding("b.warn", Severity.WARNING), finding("a.info", Severity.INFO)),
                check("b", finding("c.critical", Severity.CRITICAL), finding("b.warn", Severity.WARNING)))) {
            assertThat(doctor.examine())
                    .extracting(finding -> finding.key().toString())
                    .containsExactly("c.critical", "b.warn", "a.info");
        }
    }

    @Test
    void aCheckThatBreaksIsUnknownAndTheOthersAnswer() {
        try (Doctor doctor = doctor(
                PATIENCE,
                failing("the disk", new IOException("permission denied")),
                failing("the moon", new IllegalStateException()),
                check("c", finding("c.found", Severity.ERROR)))) {
            assertThat(doctor.examine())
                    .extracting(finding -> finding.title() + ": " + finding.detail())
                    .containsExactly(
                            "c.found: ",
                            "Could not check the disk: permission denied",
                            "Could not check the moon: IllegalStateException");
        }
    }

    @Test
    void whatASilentRuntimeHidesIsPutBelowIt() {
        try (Doctor doctor = doctor(PATIENCE, failing("images", new RuntimeUnavailableException("nobody answers")))) {
            Finding finding = doctor.examine().get(0);

            assertThat(finding.severity()).isEqualTo(Severity.UNKNOWN);
            assertThat(finding.causes()).containsExactly(FindingKey.of("runtime.unreachable"));
        }
    }

    @Test
    void aCheckThatHangsIsUnknownAndInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Check hanging = new FakeCheck("the network", now -> {
            try {
                new CountDownLatch(1).await();
                return List.of();
            } catch (InterruptedException stopped) {
                interrupted.countDown();
                throw new IOException(stopped);
            }
        });
        Check fine = check("c", finding("c.found", Severity.ERROR));
        try (Doctor doctor = doctor(Duration.ofMillis(200), hanging, fine)) {
            List<CheckResult> results = doctor.results();

            assertThat(results).extracting(CheckResult::isKnown).containsExactly(false, true);
            assertThat(results.get(0).findings().get(0).detail()).isEqualTo("No answer within 200 ms.");
            interrupted.await();
        }
    }

    @Test
    void oneThatHangsDoesNotHoldUpAnyOther() {
        CountDownLatch never = new CountDownLatch(1);
        Check hanging = new FakeCheck("h", now -> {
            try {
                never.await();
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            return List.of();
        });
        Check[] checks = {hanging, check("1"), check("2"), check("3"), check("4"), check("5")};
        try (Doctor doctor = doctor(Duration.ofSeconds(1), checks)) {
            assertThat(doctor.results())
                    .extracting(CheckResult::isKnown)
                    .containsExactly(false, true, true, true, true, true);
        }
    }

    private static Doctor doctor(Duration deadline, Check... checks) {
        return new Doctor(List.of(checks), deadline, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static Check check(String name, Finding... findings) {
        return new FakeCheck(name, now -> List.of(findings));
    }

    private static Check failing(String name, Exception failure) {
        return new FakeCheck(name, now -> {
            if (failure instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw (IOException) failure;
        });
    }

    private static Finding finding(String code, Severity severity) {
        return new Finding(FindingKey.of(code), severity, code, "", Optional.empty(), Set.of(), NOW);
    }

    private record FakeCheck(String name, Answer answer) implements Check {
        interface Answer {
            List<Finding> at(Instant now) throws IOException;
        }

        @Override
        public List<Finding> run(Instant now) throws IOException {
            return answer.at(now);
        }
    }
}
