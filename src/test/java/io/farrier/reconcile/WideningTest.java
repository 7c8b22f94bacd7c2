package io.farrier.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is planned, no file is opened to more people than before (SAFETY 33). */
final class WideningTest {
    private static final Path FILE = Path.of("/etc/some.conf");

    @TempDir
    Path root;

    private NodeBench node;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        Files.setPosixFilePermissions(
                node.write("etc/some.conf", "login: secret"), PosixFilePermissions.fromString("rw-r-----"));
    }

    @Test
    void aPlanThatOpensAFileIsRefusedAndNothingIsWritten() throws IOException {
        Outcome outcome = keep(0644);
        assertThat(outcome.result()).isEqualTo(Result.REFUSED);
        assertThat(outcome.reason().map(Reason::sentence))
                .contains(
                        "Tried to write /etc/some.conf: its mode is 0640 and would be 0644: farrier opens no file to more"
                                + " people. If it may be opened, run 'chmod 0644 /etc/some.conf'.");
        assertThat(node.read("etc/some.conf")).isEqualTo("login: secret");
        assertThat(mode()).isEqualTo("rw-r-----");
    }

    @Test
    void oneThatGroupsMayNotReadAnyMoreButOthersMayIsRefusedToo() throws IOException {
        assertThat(keep(0604).result()).isEqualTo(Result.REFUSED);
    }

    @Test
    void theSameModeAndANarrowerOneAreFine() throws IOException {
        assertThat(keep(0640).result()).isEqualTo(Result.APPLIED);
        assertThat(keep(0600).result()).isEqualTo(Result.APPLIED);
        assertThat(mode()).isEqualTo("rw-------");
    }

    @Test
    void whatWasThereBeforeFarrierComesBackAsItWas() throws IOException {
        keep(0600);
        FileState original = FileState.of("login: secret".getBytes(StandardCharsets.UTF_8), 0640);
        assertThat(keep(original).result()).isEqualTo(Result.APPLIED);
        assertThat(mode()).isEqualTo("rw-r-----");
    }

    private Outcome keep(int mode) throws IOException {
        return keep(FileState.of(("mode " + mode).getBytes(StandardCharsets.UTF_8), mode));
    }

    private Outcome keep(FileState wanted) throws IOException {
        return node.keeper(new Wanting(node, wanted)).keep(Order.byHand("root")).get(0);
    }

    private String mode() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("etc/some.conf")));
    }

    /** Wants exactly this, and looks at nothing but the bytes. */
    private record Wanting(NodeBench node, FileState wanted) implements Resource<FileState> {
        @Override
        public ResourceName name() {
            return new ResourceName("test/some.conf");
        }

        @Override
        public FileState observe() throws IOException {
            return node.files().read(FILE, 1000);
        }

        @Override
        public FilePlan plan(FileState now, Allowance allowance) {
            List<Edit> edits = now.equals(wanted) ? List.of() : List.of(new Edit(FILE, now, wanted, Phase.DOCUMENT));
            List<Change> changes = edits.stream()
                    .map(edit -> new Change(
                            Change.Kind.CHANGE,
                            "all of it",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()))
                    .toList();
            TreeSet<Claim> claims = new TreeSet<>(List.of(Claim.file(FILE)));
            return new FilePlan(name(), edits, changes, List.of(), Optional.empty(), claims);
        }

        @Override
        public FilePlan planRestore(FileState now) {
            return plan(now, Allowance.EVERYTHING);
        }
    }
}
