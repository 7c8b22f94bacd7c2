package io.farrier.collector.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.CollectorConfig;
import io.farrier.config.CollectorConfig.Listen;
import io.farrier.config.CollectorConfig.OwnCertificate;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import io.farrier.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdentityTest {
    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-20T10:00:00Z"));

    @TempDir
    Path parent;

    private Path folder;

    @BeforeEach
    void newFolder() {
        folder = parent.resolve("state");
    }

    @Test
    void theFirstStartMakesWhatOnlyItsOwnerCanRead() throws Exception {
        open("collector.example");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void theTwoSecretsAreLongAndDifferent() throws Exception {
        Credentials credentials = open("a.example").credentials();

        assertThat(credentials.agent()).isNotEqualTo(credentials.viewer());
        assertThat(credentials.agent().reveal()).hasSizeGreaterThanOrEqualTo(40);
        assertThat(credentials.toString()).doesNotContain(credentials.agent().reveal());
    }

    @Test
    void theNextStartKeepsEverything() throws Exception {
        Identity first = open("a.example");
        clock.advance(Duration.ofDays(100));
        Identity second = open("a.example");

        assertThat(second.credentials()).isEqualTo(first.credentials());
        assertThat(second.certificate().current().certificate())
                .isEqualTo(first.certificate().current().certificate());
        assertThat(second.certificate().pin()).isEqualTo(first.certificate().pin());
    }

    @Test
    void theCertificateIsRenewedInPlaceAMonthBeforeItEndsBelowTheSameCa() throws Exception {
        Identity identity = open("a.example");
        String caBefore = Files.readString(folder.resolve("ca.crt"));
        String pinBefore = identity.certificate().pin();
        Instant ends = identity.certificate().current().expires();

        clock.advance(Duration.ofDays(365 - 31));
        assertThat(identity.certificate().refresh()).isEmpty();
        clock.advance(Duration.ofDays(2));
        assertThat(identity.certificate().refresh()).isPresent();

        assertThat(identity.certificate().current().expires()).isAfter(ends);
        assertThat(Files.readString(folder.resolve("ca.crt"))).isEqualTo(caBefore);
        assertThat(identity.certificate().pin()).isEqualTo(pinBefore);
    }

    @Test
    void aNewNameRenewsTheCertificate() throws Exception {
        open("a.example");
        CertifiedKey renewed = open("b.example").certificate().current();

        assertThat(renewed.names().dns()).contains("b.example", "localhost");
    }

    @Test
    void aKillBetweenKeyAndCertificateMakesBothAgain() throws Exception {
        open("a.example");
        CertifiedKey stranger =
                CertificateAuthority.create("x", clock).issueServer(ServerNames.of(List.of("a.example")), clock);
        Files.writeString(folder.resolve("server.key"), stranger.keyPem().reveal());

        CertifiedKey again = open("a.example").certificate().current();

        assertThat(CertifiedKey.parse(again.chainPem(), again.keyPem()).names().dns())
                .contains("a.example");
    }

    @Test
    void aDamagedCaIsMended() throws Exception {
        String pin = open("a.example").certificate().pin();
        Files.writeString(folder.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\n");
        assertThat(open("a.example").certificate().pin()).isEqualTo(pin);

        Files.writeString(folder.resolve("ca.key"), "");
        assertThat(open("a.example").certificate().pin()).isEqualTo(pin);
    }

    @Test
    void aCaThatIsDamagedTwiceIsNeverReplacedInSilence() throws Exception {
        open("a.example");
        Files.writeString(folder.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\n");
        Files.writeString(folder.resolve("ca.crt.copy"), "-----BEGIN CERTIFICATE-----\n");

        assertThatThrownBy(() -> open("a.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Tried to read the CA of " + folder)
                .hasMessageContaining("from a backup");
    }

    @Test
    void aTokenThatOthersCanReadIsRefusedByName() throws Exception {
        open("a.example");
        Path token = folder.resolve("viewer.token");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> open("a.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(token.toString())
                .hasMessageContaining("rw-r--r--");
    }

    @Test
    void oneTokenForBothDoorsIsRefused() throws Exception {
        open("a.example");
        Files.writeString(folder.resolve("viewer.token"), Files.readString(folder.resolve("agent.token")));

        assertThatThrownBy(() -> open("a.example"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("are the same: every node could read all logs");
    }

    @Test
    void aBroughtCertificateIsReadAgainWhenItChanges() throws Exception {
        CertificateAuthority bank = CertificateAuthority.create("Bank CA", clock);
        OwnCertificate files = bring(bank.issueServer(ServerNames.of(List.of("one.example")), clock));
        ServerCertificate certificate = Identity.open(
                        config("a.example", Optional.of(files)), clock, new SecureRandom())
                .certificate();
        assertThat(certificate.caFile()).isEmpty();
        assertThat(certificate.refresh()).isEmpty();

        bring(bank.issueServer(ServerNames.of(List.of("two.example")), clock));

        assertThat(certificate.refresh())
                .hasValueSatisfying(next -> assertThat(next.names().dns()).containsExactly("two.example"));
    }

    @Test
    void aBroughtCertificateThatBreaksLeavesTheOneInUse() throws Exception {
        CertificateAuthority bank = CertificateAuthority.create("Bank CA", clock);
        OwnCertificate files = bring(bank.issueServer(ServerNames.of(List.of("one.example")), clock));
        ServerCertificate certificate = Identity.open(
                        config("a.example", Optional.of(files)), clock, new SecureRandom())
                .certificate();
        CertifiedKey before = certificate.current();

        Files.writeString(files.cert(), "half a");

        assertThatThrownBy(certificate::refresh)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(files.cert().toString());
        assertThat(certificate.current()).isSameAs(before);
    }

    @Test
    void sessionsEndAfterAWorkingDayAndAreBounded() throws Exception {
        Sessions sessions = open("a.example").sessions();
        String id = sessions.open();
        assertThat(sessions.isOpen(id)).isTrue();

        clock.advance(Sessions.LIFETIME);
        assertThat(sessions.isOpen(id)).isFalse();
        for (int i = 0; i < Sessions.MAX_SESSIONS + 10; i++) {
            sessions.open();
        }
        assertThat(sessions.size()).isEqualTo(Sessions.MAX_SESSIONS);
    }

    @Test
    void wrongTokensBlockTheirAddressForAMinuteOnly() throws Exception {
        LoginThrottle throttle = open("a.example").throttle();
        for (int i = 0; i < LoginThrottle.MAX_FAILURES; i++) {
            assertThat(throttle.isBlocked("10.0.0.1")).isFalse();
            throttle.failed("10.0.0.1");
        }
        assertThat(throttle.isBlocked("10.0.0.1")).isTrue();
        assertThat(throttle.isBlocked("10.0.0.2")).isFalse();

        clock.advance(LoginThrottle.WINDOW);
        assertThat(throttle.isBlocked("10.0.0.1")).isFalse();
        for (int i = 0; i < LoginThrottle.MAX_ADDRESSES + 10; i++) {
            throttle.failed("address " + i);
        }
        assertThat(throttle.size()).isLessThanOrEqualTo(LoginThrottle.MAX_ADDRESSES + 1);
    }

    private OwnCertificate bring(CertifiedKey certificate) throws IOException {
        OwnCertificate files = new OwnCertificate(parent.resolve("own.crt"), parent.resolve("own.key"));
        Files.writeString(files.cert(), certificate.chainPem());
        Files.writeString(files.key(), certificate.keyPem().reveal());
        Files.setPosixFilePermissions(files.key(), PosixFilePermissions.fromString("rw-r-----"));
        return files;
    }

    private Identity open(String name) throws IOException {
        return Identity.open(config(name, Optional.empty()), clock, new SecureRandom());
    }

    private CollectorConfig config(String name, Optional<OwnCertificate> own) {
        return new CollectorConfig(
                new Listen("", 0),
                List.of(name),
                folder,
                folder.resolve("packages"),
                new Retention(1, 1 << 20),
                CollectorConfig.Lines.DEFAULT,
                own);
    }
}
