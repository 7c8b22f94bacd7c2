package io.farrier.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.secret.Secret;
import io.farrier.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RefusedLoginsTest {
    private static final RegistryHost HOST = RegistryHost.parse("reg.example:5000");
    private static final Registry.Login OLD = new Registry.Login("robot", Secret.of("yesterday's"));
    private static final Registry.Login NEW = new Registry.Login("robot", Secret.of("today's"));
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");

    @TempDir
    Path root;

    private final MovableClock clock = new MovableClock(START);
    private RefusedLogins logins;

    @BeforeEach
    void open() throws IOException {
        logins = reopened();
    }

    /** As after a restart: nothing but the file is left. */
    private RefusedLogins reopened() throws IOException {
        return new RefusedLogins(NodeFiles.below(root), Path.of("/var/lib/farrier"), clock);
    }

    @Test
    void waitsAQuarterOfAnHourThenTwiceAsLongEachTimeAndOverRestarts() throws IOException {
        for (int minutes : new int[] {15, 30, 60, 120, 240, 480, 960, 1440, 1440}) {
            logins.refused(HOST, OLD);
            logins = reopened();

            assertThat(logins.heldUntil(HOST, OLD)).contains(clock.instant().plus(Duration.ofMinutes(minutes)));
            clock.advance(Duration.ofMinutes(minutes));
            assertThat(logins.heldUntil(HOST, OLD)).isEmpty();
        }
    }

    @Test
    void aChangedPasswordIsTriedAtOnce() {
        logins.refused(HOST, OLD);

        assertThat(logins.heldUntil(HOST, OLD)).isPresent();
        assertThat(logins.heldUntil(HOST, NEW)).isEmpty();
    }

    @Test
    void threeWrongPasswordsAnHourAreAllThatAnAccountGets() {
        for (String guess : new String[] {"a", "b", "c"}) {
            logins.refused(HOST, new Registry.Login("robot", Secret.of(guess)));
            clock.advance(Duration.ofMinutes(1));
        }

        assertThat(logins.heldUntil(HOST, NEW)).contains(START.plus(Duration.ofHours(1)));
        assertThat(logins.heldUntil(HOST, new Registry.Login("other", Secret.of("d"))))
                .isEmpty();
        assertThat(logins.heldUntil(RegistryHost.parse("reg.example"), NEW)).isEmpty();
    }

    @Test
    void anAcceptedLoginClearsTheAccount() {
        logins.refused(HOST, OLD);
        logins.accepted(HOST, NEW);

        assertThat(logins.heldUntil(HOST, OLD)).isEmpty();
    }

    @Test
    void keepsNoPasswordAndLetsNobodyElseRead() throws IOException {
        logins.refused(HOST, OLD);

        Path file = root.resolve("var/lib/farrier/refused-logins.json");
        assertThat(file).content().contains("robot").doesNotContain("yesterday");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aDamagedFileHoldsNobody() throws IOException {
        logins.refused(HOST, OLD);
        Files.writeString(root.resolve("var/lib/farrier/refused-logins.json"), "{\"refusals\":[{\"registry\":");

        assertThat(logins.heldUntil(HOST, OLD)).isEmpty();
        logins.refused(HOST, OLD);
        assertThat(logins.heldUntil(HOST, OLD)).isPresent();
    }
}
