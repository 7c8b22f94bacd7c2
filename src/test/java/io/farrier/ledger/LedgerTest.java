package io.farrier.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.node.NodeFiles;
import io.farrier.plan.Claim;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
    private static final ResourceName RESOURCE = new ResourceName("docker/daemon.json");
    private static final Path FILE = Path.of("/etc/docker/daemon.json");
    private static final By BY = new By("alice", "apply", "0.1.0", "abc");
    private static final SortedSet<Claim> CLAIMS = new TreeSet<>(List.of(
            Claim.element(FILE, "insecure-registries", "a:5000"),
            Claim.key(FILE, "live-restore", "true", Optional.of("false"))));

    @TempDir
    Path root;

    private Ledger ledger;

    @BeforeEach
    void prepare() throws IOException {
        ledger = new Ledger(NodeFiles.below(root), Path.of("/var/lib/farrier"));
    }

    @Test
    void remembersWhatIsOursAndTheOriginalByteForByte() throws IOException {
        FileState original = FileState.of(new byte[] {0, (byte) 0xFF, '\r', '\n'}, 0640);
        Ownership ours = Ownership.none(RESOURCE).after(List.of(edit(original, state("new"))), CLAIMS);
        ledger.own(ours);
        assertThat(ledger.ownership(RESOURCE)).isEqualTo(ours);
        assertThat(ledger.ownership(RESOURCE).original(FILE)).contains(original);
        assertThat(ledger.ownership(RESOURCE).isAsWritten(FILE, state("new"))).isTrue();
    }

    @Test
    void noticesWhatAnotherProcessWroteSinceItLooked() throws IOException {
        Ownership ours = Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("new"))), CLAIMS);
        assertThat(ledger.ownership(RESOURCE).isNone()).isTrue();
        Ledger other = new Ledger(NodeFiles.below(root), Path.of("/var/lib/farrier"));
        other.own(ours);
        assertThat(ledger.ownership(RESOURCE)).isEqualTo(ours);
        other.own(Ownership.none(RESOURCE));
        assertThat(ledger.ownership(RESOURCE).isNone()).isTrue();
    }

    @Test
    void noticesARecordThatBreaksBetweenTwoLooksAndKeepsItsLength() throws IOException {
        ledger.own(Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("new"))), CLAIMS));
        assertThat(ledger.ownership(RESOURCE).isNone()).isFalse();
        Path record = root.resolve("var/lib/farrier/ledger/owned/docker+daemon.json");
        Files.writeString(record, Files.readString(record).replace("live-restore", "live-restorf"));
        assertThatThrownBy(() -> ledger.ownership(RESOURCE)).isInstanceOf(CorruptLedgerException.class);
    }

    @Test
    void findsTheClaimsOfOnePathAmongItsNeighbours() {
        List<Claim> here = List.of(Claim.file(FILE), Claim.key(FILE, "debug", "true", Optional.empty()));
        SortedSet<Claim> all = new TreeSet<>(here);
        for (String neighbour : List.of("", ".d", "-old", "/below", "x")) {
            Path path = neighbour.isEmpty() ? FILE.getParent() : Path.of(FILE + neighbour);
            all.addAll(List.of(Claim.file(path), Claim.folder(path), Claim.key(path, "a", "1", Optional.empty())));
        }
        Ownership ours = new Ownership(RESOURCE, all, new TreeMap<>());
        assertThat(ours.claims(FILE)).isEqualTo(here);
        assertThat(ours.claims(Claim.Kind.FILE, FILE)).containsExactly(Claim.file(FILE));
        assertThat(ours.claims(Claim.Kind.ELEMENT, FILE)).isEmpty();
    }

    @Test
    void keepsPasswordsFromOthers() throws IOException {
        ledger.own(Ownership.none(RESOURCE).after(List.of(edit(FileState.ABSENT, state("x"))), CLAIMS));
        Path folder = root.resolve("var/lib/farrier/ledger");
        assertThat(Files.getAttribute(folder, "unix:mode")).isEqualTo(040700);
        assertThat(Files.getAttribute(folder.resolve("owned"), "unix:mode")).isEqualTo(040700);
        assertThat(Files.getAttribute(folder.resolve("owned/docker+daemon.json"), "unix:mode"))
                .isEqualTo(0100600);
        assertThat(Files.getAttribute(root.resolve("var/lib"), "unix:mode")).isEqualTo(040755);
    }

    @Test
    void theOriginalIsNoLongerOneWhenSomebodyWroteInBetween() {
        Ownership first = Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("ours"))), CLAIMS);
        Ownership same = first.after(List.of(edit(state("ours"), state("ours 2"))), CLAIMS);
        assertThat(same.original(FILE)).contains(state("old"));
        Ownership disturbed = first.after(List.of(edit(state("theirs"), state("ours 2"))), CLAIMS);
        assertThat(disturbed.original(FILE)).isEmpty();
    }

    /** Else a purge would leave what farrier wrote again after somebody's {@code rm -r certs.d}. */
    @Test
    void whatIsWrittenAgainAfterSomebodyRemovedItIsGivenBackAsAbsent() {
        for (FileState original : List.of(FileState.ABSENT, state("old"))) {
            Ownership first = Ownership.none(RESOURCE).after(List.of(edit(original, state("new"))), CLAIMS);
            Ownership again = first.after(List.of(edit(FileState.ABSENT, state("new"))), CLAIMS);
            assertThat(again.original(FILE)).contains(FileState.ABSENT);
        }
    }

    @Test
    void theOriginalStaysOneWhenSomebodyPutItBack() {
        Ownership first = Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("new"))), CLAIMS);
        Ownership again = first.after(List.of(edit(state("old"), state("newer"))), CLAIMS);
        assertThat(again.original(FILE)).contains(state("old"));
    }

    @Test
    void nothingIsKeptOfAResourceThatIsNoLongerOurs() throws IOException {
        Ownership ours = Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("ours"))), CLAIMS);
        ledger.own(ours);
        ledger.own(ours.after(List.of(edit(state("ours"), state("old"))), new TreeSet<>()));
        assertThat(root.resolve("var/lib/farrier/ledger/owned")).isEmptyDirectory();
    }

    @Test
    void niceErrorOnABrokenRecord() throws IOException {
        ledger.own(Ownership.none(RESOURCE).after(List.of(edit(state("old"), state("ours"))), CLAIMS));
        Path record = root.resolve("var/lib/farrier/ledger/owned/docker+daemon.json");
        byte[] good = Files.readAllBytes(record);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            Files.write(record, bad);
            assertThatThrownBy(() -> ledger.ownership(RESOURCE))
                    .isInstanceOf(CorruptLedgerException.class)
                    .hasMessageStartingWith("Tried to read /var/lib/farrier/ledger/owned/docker+daemon.json but ");
            Files.write(record, java.util.Arrays.copyOf(good, i));
            assertThatThrownBy(() -> ledger.ownership(RESOURCE)).isInstanceOf(CorruptLedgerException.class);
        }
    }

    @Test
    void carriesAnOpenChangeThroughAKill() throws IOException {
        OpenChange change = new OpenChange(
                "id-1",
                BY,
                Instant.parse("2026-11-20T12:00:00Z"),
                List.of(new Edit(FILE, state("a"), state("b"), Edit.Phase.DOCUMENT, Optional.of(state("c")))),
                List.of(Ownership.none(RESOURCE).after(List.of(edit(state("a"), state("b"))), CLAIMS)),
                List.of(Path.of("/etc/docker")),
                List.of(new DaemonName("docker")),
                Optional.empty());
        ledger.open(change);
        assertThat(ledger.openChange()).contains(change);
        ledger.open(change.committedWith("{}"));
        assertThat(ledger.openChange().orElseThrow().committed()).contains("{}");
        ledger.close();
        assertThat(ledger.openChange()).isEmpty();
    }

    @Test
    void remembersThatTheNodeWasGivenBack() throws IOException {
        Released released = new Released(Instant.parse("2026-11-20T12:00:00Z"), BY);
        ledger.release(released);
        assertThat(ledger.released()).contains(released);
        ledger.take();
        assertThat(ledger.released()).isEmpty();
    }

    @Test
    void historyIsBoundedAndALineIsThereOnce() throws IOException {
        String line = "{\"n\":\"" + "x".repeat(400_000) + "\"}";
        for (int i = 0; i < 5; i++) {
            ledger.remember(line.replaceFirst("x", Integer.toString(i)));
            ledger.remember(line.replaceFirst("x", Integer.toString(i)));
        }
        assertThat(ledger.history()).hasSizeLessThan(5).last().asString().startsWith("{\"n\":\"4");
        assertThat(Files.size(root.resolve("var/lib/farrier/ledger/history.jsonl")))
                .isLessThan(2 * 1024 * 1024);
    }

    @Test
    void historyGoesOnAfterACutLine() throws IOException {
        ledger.remember("{\"n\":1}");
        Path history = root.resolve("var/lib/farrier/ledger/history.jsonl");
        Files.writeString(history, Files.readString(history) + "{\"n\":2");
        ledger.remember("{\"n\":3}");
        assertThat(ledger.history()).extracting(Object::toString).containsExactly("{\"n\":1}", "{\"n\":3}");
    }

    private static Edit edit(FileState before, FileState after) {
        return new Edit(FILE, before, after, Edit.Phase.DOCUMENT);
    }

    private static FileState state(String text) {
        return FileState.of(text.getBytes(StandardCharsets.UTF_8), 0644);
    }
}
