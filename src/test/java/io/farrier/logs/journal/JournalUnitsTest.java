package io.farrier.logs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.logs.copied.CopiedFiles;
import io.farrier.testing.MovableClock;
import io.farrier.testing.WrittenJournal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real journal files, read by the real journalctl. */
final class JournalUnitsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final List<String> UNITS = List.of("docker.service", "k3s.service");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private WrittenJournal journal;
    private JournalUnits units;

    /** Starts long ago, so that what waits for time need not wait in a test. */
    private long nanos;

    @BeforeEach
    void anEmptyJournal() {
        journal = new WrittenJournal(folder.resolve("journal"), TimeUnit.SECONDS.toMicros(NOW.getEpochSecond() - 60));
    }

    @AfterEach
    void end() throws IOException {
        if (units != null) {
            units.close();
        }
    }

    @Test
    void eachUnitHasItsLinesInAFileOfItsOwnInTheFormOfContainerLogs() throws IOException {
        journal.said("docker.service", "starting")
                .said("ssh.service", "not wanted")
                .said("k3s.service", "ready");
        journal.entry("_SYSTEMD_UNIT=docker.service", "PRIORITY=3", "MESSAGE=no space left");
        journal.write("system");

        start();

        awaitLines("docker.service", 2);
        awaitLines("k3s.service", 1);
        assertThat(lines("docker.service"))
                .containsExactly(
                        "2026-11-28T11:59:00.001000Z stdout F starting",
                        "2026-11-28T11:59:00.004000Z stderr F no space left");
        assertThat(lines("k3s.service")).containsExactly("2026-11-28T11:59:00.003000Z stdout F ready");
        assertThat(folder.resolve("units/ssh.service.log")).doesNotExist();
    }

    @Test
    void goesOnWithWhatIsWrittenMeanwhile() throws IOException {
        journal.said("docker.service", "one").write("system");
        start();
        awaitLines("docker.service", 1);

        journal.said("docker.service", "two").write("system");

        awaitLines("docker.service", 2);
        assertThat(texts("docker.service")).containsExactly("one", "two");
    }

    @Test
    void whatPid1SaysOfAUnitBelongsToTheUnit() throws IOException {
        journal.entry("_SYSTEMD_UNIT=init.scope", "_PID=1", "UNIT=docker.service", "MESSAGE=Started Docker.")
                .write("system");

        start();

        awaitLines("docker.service", 1);
        assertThat(texts("docker.service")).containsExactly("Started Docker.");
    }

    @Test
    void theLinesOfAContainerThatLogsToTheJournalAreNotDockersAndStayOnTheNode() throws IOException {
        journal.entry("_SYSTEMD_UNIT=docker.service", "CONTAINER_ID=0123456789ab", "MESSAGE=of a customer")
                .said("docker.service", "of docker")
                .write("system");

        start();

        awaitLines("docker.service", 1);
        assertThat(texts("docker.service")).containsExactly("of docker");
    }

    @Test
    void aMessageOfSeveralLinesAndOneThatIsNoTextAreLinesToo() throws IOException {
        journal.said("k3s.service", "panic: x\n\ngoroutine 1".getBytes(StandardCharsets.UTF_8))
                .said("k3s.service", new byte[] {'a', 0, (byte) 0xff, 'b'})
                .write("system");

        start();

        awaitLines("k3s.service", 4);
        byte[] all = Files.readAllBytes(file("k3s.service"));
        assertThat(new String(all, StandardCharsets.ISO_8859_1).lines().map(JournalUnitsTest::text))
                .containsExactly("panic: x", "", "goroutine 1", "a\0\u00ffb");
    }

    @Test
    void aMessageOfAMegabyteIsKeptInPiecesAsContainerdKeepsIt() throws IOException {
        String message = "x".repeat(1 << 20);
        journal.said("k3s.service", message.getBytes(StandardCharsets.UTF_8)).write("system");

        start();

        // It fills a file, so that the next one is begun.
        Path full = folder.resolve("units/k3s.service.log.1");
        awaitLines(full, 64);
        assertThat(lines(full).subList(0, 63)).allMatch(line -> line.contains(" stdout P "));
        assertThat(lines(full).get(63)).contains(" stdout F ");
        assertThat(lines(full).stream().map(JournalUnitsTest::text).collect(Collectors.joining()))
                .isEqualTo(message);
    }

    @Test
    void afterAKillTheSameLinesStandInTheSamePlaces() throws IOException {
        say("docker.service", 1, 100);
        start();
        awaitLines("docker.service", 100);
        nanos += TimeUnit.MINUTES.toNanos(1);
        units.turn();
        say("docker.service", 101, 200);
        awaitLines("docker.service", 200);
        byte[] before = Files.readAllBytes(file("docker.service"));

        // Without a word to the position of what came last: as a kill does it.
        JournalUnits killed = units;
        say("docker.service", 201, 300);
        start();
        awaitLines("docker.service", 300);
        killed.close();

        assertThat(Files.readAllBytes(file("docker.service"))).startsWith(before);
        assertThat(texts("docker.service")).containsExactlyElementsOf(numbered(1, 300));
    }

    @Test
    void aUnitThatAlwaysSaysSomethingCostsACommitAMinuteAndIsReadAtOnceAllTheSame() throws IOException {
        start();
        Path position = folder.resolve("units/position");
        Object before = Files.getAttribute(position, "unix:ino");
        List<Integer> committedAfter = new ArrayList<>();
        for (int second = 1; second <= 150; second++) {
            say("docker.service", second, second);
            awaitLines("docker.service", second);
            nanos += TimeUnit.SECONDS.toNanos(1);
            units.turn();
            Object now = Files.getAttribute(position, "unix:ino");
            if (!now.equals(before)) {
                committedAfter.add(second);
            }
            before = now;
        }

        assertThat(committedAfter).containsExactly(60, 120);
    }

    @Test
    void aLineThatWasTornByAKillIsCompletedNotRepeated() throws IOException {
        say("docker.service", 1, 20);
        start();
        awaitLines("docker.service", 20);
        byte[] whole = Files.readAllBytes(file("docker.service"));
        units.close();
        Path copy = folder.resolve("units/position");
        // The position of before the last ten, and the file cut within line 15.
        units = null;
        Files.delete(copy);
        Files.delete(folder.resolve("units/position.previous"));
        Files.write(file("docker.service"), java.util.Arrays.copyOf(whole, whole.length * 15 / 20 - 7));

        start();

        awaitLines("docker.service", 20);
        assertThat(Files.readAllBytes(file("docker.service"))).isEqualTo(whole);
    }

    @Test
    void aDamagedPositionCostsNothing() throws IOException {
        say("docker.service", 1, 50);
        start();
        awaitLines("docker.service", 50);
        units.close();
        units = null;
        for (String name : List.of("position", "position.previous")) {
            byte[] bytes = Files.readAllBytes(folder.resolve("units/" + name));
            bytes[bytes.length / 2] ^= 1;
            Files.write(folder.resolve("units/" + name), bytes);
        }

        say("docker.service", 51, 60);
        start();

        awaitLines("docker.service", 60);
        assertThat(texts("docker.service")).containsExactlyElementsOf(numbered(1, 60));
    }

    /** As on a full disk. */
    @Test
    void startsThoughItsPositionCannotBeWrittenAndWritesItLater() throws IOException {
        Path inTheWay = Files.createDirectories(folder.resolve("units/position.new/something"));
        say("docker.service", 1, 50);
        start();
        assertThat(folder.resolve("units/position")).doesNotExist();

        Files.delete(inTheWay);
        nanos += Duration.ofHours(1).toNanos();
        awaitLines("docker.service", 50);
        assertThat(folder.resolve("units/position")).exists();
    }

    @Test
    void whatTheJournalForgotWhileNobodyReadIsDeclared() throws IOException {
        say("docker.service", 1, 10);
        start();
        awaitLines("docker.service", 10);
        units.close();
        units = null;

        Files.delete(folder.resolve("journal/system.journal"));
        journal.said("docker.service", "line 50").write("later");
        start();

        awaitLines("docker.service", 11);
        assertThat(units.losses())
                .hasSameSizeAs(UNITS)
                .allSatisfy(loss -> assertThat(loss.reason())
                        .contains("the journal no longer has")
                        .contains("until 2026-11-28T11:59"));
        assertThat(texts("docker.service")).endsWith("line 50");
    }

    @Test
    void itStaysDeclaredOverAKillUntilItWasTold() throws IOException {
        whatTheJournalForgotWhileNobodyReadIsDeclared();
        units.close();
        start();
        assertThat(units.losses()).isNotEmpty();

        units.told(units.losses());
        units.close();
        start();

        assertThat(units.losses()).isEmpty();
    }

    @Test
    void aUnitThatIsWantedNoLongerIsNoLoss() throws IOException {
        say("k3s.service", 1, 10);
        start();
        awaitLines("k3s.service", 10);
        units.close();

        journal.said("docker.service", "line 1").write("system");
        units = JournalUnits.open(
                Journal.in(journal.folder()),
                List.of("docker.service"),
                folder.resolve("units"),
                () -> nanos,
                new MovableClock(NOW));

        awaitLines("docker.service", 1);
        assertThat(units.losses()).isEmpty();
    }

    @Test
    void theJournalWaitsWhileTheFilesAreFullAndGoesOnWhenTheCollectorHasThem() throws IOException {
        int lines = 4000;
        IntStream.rangeClosed(1, lines)
                .forEach(i -> journal.said("docker.service", "line " + i + " " + ".".repeat(1000)));
        journal.write("system");
        start(2 << 20);

        await().atMost(PATIENCE).until(() -> {
            units.turn();
            return units.status().isFull();
        });
        for (int i = 0; i < 50; i++) {
            units.turn();
        }
        assertThat(units.status().bytes())
                .as("one turn's entries beyond it at most")
                .isLessThan(4 << 20);

        List<String> seen = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            units.turn();
            seen.addAll(takeRotated("docker.service"));
            return seen.size() + lines("docker.service").size() == lines;
        });
        seen.addAll(texts("docker.service"));
        assertThat(seen.stream().map(text -> text.substring(0, text.lastIndexOf(' '))))
                .containsExactlyElementsOf(numbered(1, lines));
    }

    @Test
    void aJournalThatIsNotThereIsSaidAndAskedForAgainLater() throws IOException {
        start();
        await().atMost(PATIENCE).until(() -> {
            units.turn();
            return units.status().problem().isPresent();
        });
        assertThat(units.status().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("journalctl ended"));

        journal.said("docker.service", "at last").write("system");
        nanos += TimeUnit.MINUTES.toNanos(1);

        awaitLines("docker.service", 1);
        assertThat(units.status().problem()).isEmpty();
    }

    @Test
    void theChildEndsWithItsReader() throws IOException {
        say("docker.service", 1, 2);
        start();
        awaitLines("docker.service", 2);
        assertThat(journalctls()).isNotEmpty();

        units.close();

        await().atMost(PATIENCE).until(() -> journalctls().isEmpty());
    }

    private List<String> journalctls() {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("journalctl") && line.contains(folder.toString()))
                .toList();
    }

    private void say(String unit, int from, int to) {
        IntStream.rangeClosed(from, to).forEach(i -> journal.said(unit, "line " + i));
        journal.write("system");
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> "line " + i).toList();
    }

    private void start() throws IOException {
        start(CopiedFiles.MAX_BYTES);
    }

    private void start(long maxBytes) throws IOException {
        units = JournalUnits.open(
                Journal.in(journal.folder()),
                UNITS,
                folder.resolve("units"),
                maxBytes,
                () -> nanos,
                new MovableClock(NOW));
    }

    private void awaitLines(String unit, int count) {
        awaitLines(file(unit), count);
    }

    private void awaitLines(Path file, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            units.turn();
            assertThat(lines(file)).hasSize(count);
        });
    }

    private Path file(String unit) {
        return folder.resolve("units").resolve(unit + ".log");
    }

    private List<String> lines(String unit) throws IOException {
        return lines(file(unit));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file)
                ? Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()
                : List.of();
    }

    private List<String> texts(String unit) throws IOException {
        return lines(unit).stream().map(JournalUnitsTest::text).toList();
    }

    private static String text(String line) {
        return line.replaceFirst("^\\S+ \\S+ [PF] ", "");
    }

    /** As the tail does it when the collector has a file. */
    private List<String> takeRotated(String unit) throws IOException {
        List<String> taken = new ArrayList<>();
        Set<Path> stored = new HashSet<>();
        for (int i = 99; i >= 1; i--) {
            Path rotated = folder.resolve("units/" + unit + ".log." + i);
            if (Files.exists(rotated)) {
                Files.readString(rotated).lines().map(JournalUnitsTest::text).forEach(taken::add);
                stored.add(rotated);
            }
        }
        units.delete(stored::contains);
        return taken;
    }
}
