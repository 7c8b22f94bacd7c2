package io.farrier.keep;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.ledger.Ownership;
import io.farrier.plan.Claim;
import io.farrier.plan.ResourceName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class MadeFoldersTest {
    private static final Path A = Path.of("/etc/docker/certs.d/a");
    private static final Path B = Path.of("/etc/docker/certs.d/b");

    private static Ownership having(Claim... claims) {
        return new Ownership(new ResourceName("docker/certs.d"), new TreeSet<>(List.of(claims)), new TreeMap<>());
    }

    @Test
    void staysOursAsLongAsAFileInItIs() {
        Ownership ours = having(Claim.folder(A), Claim.folder(B), Claim.folder(A.getParent()));
        assertThat(MadeFolders.stillHeld(ours, List.of(), List.of(Claim.file(A.resolve("ca.crt")))))
                .containsExactlyInAnyOrder(Claim.folder(A), Claim.folder(A.getParent()));
    }

    @Test
    void whatIsMadeNowIsOursOnlyWithSomethingInIt() {
        assertThat(MadeFolders.stillHeld(having(), List.of(A, B), List.of(Claim.file(B.resolve("ca.crt")))))
                .containsExactly(Claim.folder(B));
    }

    @Test
    void aKeyInAFileOfOthersHoldsNoFolder() {
        Claim key = Claim.key(A.resolve("hosts.toml"), "server", "x", Optional.empty());
        assertThat(MadeFolders.stillHeld(having(Claim.folder(A)), List.of(), List.of(key)))
                .isEmpty();
    }
}
