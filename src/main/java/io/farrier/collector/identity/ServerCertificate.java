package io.farrier.collector.identity;

import io.farrier.config.CollectorConfig;
import io.farrier.pki.InvalidPemException;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The certificate the collector shows. Its own is renewed in place below the CA that agents trust, so no node is
 * touched; one that the operator brings is read again when its files change. One thread refreshes.
 */
public final class ServerCertificate {
    public static final String CA_FILE = "ca.crt";

    private static final String CA_KEY_FILE = "ca.key";
    private static final String SERVER_FILE = "server.crt";
    private static final String SERVER_KEY_FILE = "server.key";
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Source source;
    private final Optional<Path> caFile;
    private volatile CertifiedKey current;

    /** Where a certificate comes from. */
    @FunctionalInterface
    private interface Source {
        CertifiedKey get() throws IOException;
    }

    private ServerCertificate(Source source, Optional<Path> caFile) throws IOException {
        this.source = source;
        this.caFile = caFile;
        this.current = source.get();
    }

    /** @param names the names it must be good for at that moment */
    static ServerCertificate own(Path folder, Supplier<ServerNames> names, Clock clock) throws IOException {
        CertificateAuthority authority = authority(folder, clock);
        return new ServerCertificate(
                () -> keepOrIssue(folder, authority, names.get(), clock), Optional.of(folder.resolve(CA_FILE)));
    }

    static ServerCertificate brought(CollectorConfig.OwnCertificate files) throws IOException {
        return new ServerCertificate(() -> readBrought(files), Optional.empty());
    }

    /**
     * What the running collector shows, without making or renewing anything beside it.
     *
     * @throws IOException also when there is none yet
     */
    public static ServerCertificate shown(CollectorConfig config) throws IOException {
        if (config.tls().isPresent()) {
            return brought(config.tls().get());
        }
        Path folder = config.stateDir();
        Optional<CertifiedKey> stored = stored(folder);
        if (stored.isEmpty()) {
            throw new IOException("Looked for the collector's certificate in " + folder.resolve(SERVER_FILE)
                    + " but there is none that can be read. Start the collector once, as root of this machine.");
        }
        return new ServerCertificate(stored::get, Optional.of(folder.resolve(CA_FILE)));
    }

    public CertifiedKey current() {
        return current;
    }

    /** The CA that agents trust, empty when the operator brought the certificate. */
    public Optional<Path> caFile() {
        return caFile;
    }

    /**
     * Looks again: renews what is about to expire or lacks a name, reads what the operator replaced.
     *
     * @return the new certificate, empty when it is still the same
     * @throws IOException when the new one is no good; the current one stays
     */
    public Optional<CertifiedKey> refresh() throws IOException {
        CertifiedKey next = source.get();
        if (next.certificate().equals(current.certificate())) {
            return Optional.empty();
        }
        current = next;
        return Optional.of(next);
    }

    /** SHA-256 of the certificate agents can pin: the CA's, or the brought one's own. Lower-case hex. */
    public String pin() {
        return (caFile.isPresent() ? current.last() : current.certificate()).fingerprint();
    }

    /** What curl's {@code --pinnedpubkey} takes: of the certificate that is shown now. */
    public String keyPin() {
        return "sha256//" + current.certificate().publicKeyPin();
    }

    private static CertificateAuthority authority(Path folder, Clock clock) throws IOException {
        Path certificate = folder.resolve(CA_FILE);
        Path key = folder.resolve(CA_KEY_FILE);
        if (!Files.exists(certificate) && !Files.exists(key)) {
            CertificateAuthority made = CertificateAuthority.create("Farrier collector CA", clock);
            PrivateFile.write(key, made.keyPem().reveal());
            PrivateFile.write(certificate, made.certificatePem());
        }
        try {
            return CertificateAuthority.parse(
                    PrivateFile.readPublicTwofold(certificate, ServerCertificate::isPem),
                    Secret.of(PrivateFile.readTwofold(key, ServerCertificate::isPem)));
        } catch (IOException | InvalidPemException e) {
            // Never replaced in silence: 400 nodes trust the one that was there.
            throw new IOException(
                    "Tried to read the CA of " + folder + " but " + describe(e) + ". Restore " + CA_FILE + " and "
                            + CA_KEY_FILE
                            + " from a backup, or delete both for a new CA that every agent must be given.",
                    e);
        }
    }

    private static boolean isPem(String text) {
        return text.contains("-----BEGIN ")
                && text.contains("-----END ")
                && text.chars().allMatch(c -> c == '\n' || c == '\r' || c >= ' ' && c < 127);
    }

    private static CertifiedKey keepOrIssue(Path folder, CertificateAuthority authority, ServerNames names, Clock clock)
            throws IOException {
        Optional<CertifiedKey> stored = stored(folder)
                .filter(authority::issued)
                // The CA goes along with it: a flipped bit there, and agents would see another one.
                .filter(leaf -> leaf.last().equals(authority.certificate()))
                .filter(leaf -> leaf.expires().isAfter(clock.instant().plus(RENEW_BEFORE)))
                .filter(leaf -> leaf.names().covers(names));
        if (stored.isPresent()) {
            return stored.get();
        }
        CertifiedKey issued = authority.issueServer(names, clock);
        PrivateFile.write(folder.resolve(SERVER_KEY_FILE), issued.keyPem().reveal());
        PrivateFile.write(folder.resolve(SERVER_FILE), issued.chainPem());
        return issued;
    }

    /** Empty also when a kill fell between the writing of key and certificate: then both are made again. */
    private static Optional<CertifiedKey> stored(Path folder) {
        try {
            return Optional.of(CertifiedKey.parse(
                    PrivateFile.readText(folder.resolve(SERVER_FILE)),
                    Secret.of(PrivateFile.read(folder.resolve(SERVER_KEY_FILE)))));
        } catch (IOException | InvalidPemException absentOrTorn) {
            return Optional.empty();
        }
    }

    private static CertifiedKey readBrought(CollectorConfig.OwnCertificate files) throws IOException {
        try {
            return CertifiedKey.parse(
                    PrivateFile.readText(files.cert()), Secret.of(PrivateFile.readOfGroup(files.key())));
        } catch (IOException | InvalidPemException e) {
            throw new IOException(
                    "Tried to read the certificate " + files.cert() + " with the key " + files.key() + " but "
                            + describe(e) + ".",
                    e);
        }
    }

    private static String describe(Exception e) {
        if (e instanceof java.nio.file.NoSuchFileException missing) {
            return missing.getFile() + " is not there";
        }
        String message = String.valueOf(e.getMessage());
        return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
    }
}
