package io.farrier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FindingBoardTest {
    private static final Instant START = Instant.parse("2027-01-01T00:00:00Z");

    private final FindingBoard board = new FindingBoard(Duration.ofSeconds(20), Duration.ofSeconds(60));

    @Test
    void aFindingShowsOnceItWasThereForAWhileAndSaysSinceWhen() {
        assertThat(at(0, says("a"))).isEmpty();
        assertThat(at(10, says("a"))).isEmpty();

        assertThat(at(20, says("a"))).singleElement().extracting(Finding::since).isEqualTo(START);
        assertThat(at(3600, says("a")))
                .singleElement()
                .extracting(Finding::since)
                .isEqualTo(START);
    }

    @Test
    void aBlipNeverShows() {
        assertThat(at(0, says("a"))).isEmpty();
        assertThat(at(10, says())).isEmpty();
        assertThat(at(30, says())).isEmpty();
        assertThat(at(100, says("a"))).isEmpty();
        assertThat(at(120, says("a")))
                .singleElement()
                .extracting(Finding::since)
                .isEqualTo(START.plusSeconds(100));
    }

    @Test
    void aFindingGoesOnceItWasAbsentForAWhile() {
        at(0, says("a"));
        at(20, says("a"));

        assertThat(at(30, says())).hasSize(1);
        assertThat(at(89, says())).hasSize(1);
        assertThat(at(90, says())).isEmpty();
    }

    @Test
    void roundsMayBeFurtherApartThanAFindingNeedsToGo() {
        at(0, says("a"));

        assertThat(at(300, says("a")))
                .singleElement()
                .extracting(Finding::since)
                .isEqualTo(START);
        assertThat(at(600, says("a")))
                .singleElement()
                .extracting(Finding::since)
                .isEqualTo(START);
    }

    @Test
    void aFlappingFindingKeepsItsFirstTime() {
        for (int second = 0; second <= 600; second += 20) {
            at(second, second % 40 == 0 ? says("a") : says());
        }

        assertThat(at(620, says())).singleElement().extracting(Finding::since).isEqualTo(START);
    }

    @Test
    void whatACheckSaidStandsWhileItCannotBeMade() {
        at(0, says("a"));
        at(20, says("a"));

        assertThat(codes(at(1000, cannotSay()))).containsExactly("a");
        assertThat(codes(at(1020, cannotSay()))).containsExactly("a", "check.unknown");
        assertThat(codes(at(1030, says()))).containsExactly("a", "check.unknown");
        assertThat(codes(at(1090, says()))).isEmpty();
    }

    @Test
    void theNewestWordsAreShown() {
        at(0, says("a"));
        Finding worse = new Finding(
                FindingKey.of("a"), Severity.CRITICAL, "worse", "", Optional.empty(), Set.of(), START.plusSeconds(20));

        Finding shown = board.update(List.of(new CheckResult("check", true, List.of(worse))), START.plusSeconds(20))
                .get(0);

        assertThat(shown.title()).isEqualTo("worse");
        assertThat(shown.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(shown.since()).isEqualTo(START);
    }

    @Test
    void theBoardIsBounded() {
        String[] many = IntStream.range(0, 5000).mapToObj(i -> "f" + i).toArray(String[]::new);
        at(0, says(many));

        assertThat(at(20, says(many))).hasSize(1000);
    }

    private List<Finding> at(int second, CheckResult result) {
        return board.update(List.of(result), START.plusSeconds(second));
    }

    private static CheckResult says(String... codes) {
        return new CheckResult(
                "check",
                true,
                List.of(codes).stream()
                        .map(code -> new Finding(
                                FindingKey.of(code),
                                Severity.WARNING,
                                code,
                                "",
                                Optional.empty(),
                                Set.of(),
                                Instant.MAX))
                        .toList());
    }

    private static CheckResult cannotSay() {
        return new CheckResult(
                "check", false, List.of(Catalogue.unchecked("check", "It hangs.", Set.of(), Instant.MAX)));
    }

    private static List<String> codes(List<Finding> findings) {
        return findings.stream().map(finding -> finding.key().code()).toList();
    }
}
