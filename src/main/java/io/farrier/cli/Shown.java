package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.ChainReview;
import io.farrier.pki.ChainReview.Remark;
import io.farrier.pki.InvalidPemException;
import io.farrier.pki.PrivateKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@code certs show} has to show: certificates, what is said of them, and whether a key lies beside them. */
record Shown(String source, Instant at, List<Certificate> certificates, List<Remark> remarks) {
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    /** The bundle of all public CAs has a quarter of this. */
    private static final int MAX_BYTES = 1 << 20;

    Shown {
        certificates = List.copyOf(certificates);
        remarks = List.copyOf(remarks);
    }

    /** @param what a file, or else a server */
    static Shown of(String what, Instant now) throws IOException {
        Path file = Path.of(what);
        return Files.exists(file) || what.contains("/") ? ofFile(file, now) : ofServer(what, now);
    }

    boolean hasFaults() {
        return remarks.stream().anyMatch(Remark::isFault);
    }

    private static Shown ofServer(String what, Instant now) throws IOException {
        RegistryHost host = host(what);
        List<Certificate> served = Assembly.servedBy(host);
        return new Shown(host.value(), now, served, ChainReview.ofServer(served, bare(host.name()), now));
    }

    private static RegistryHost host(String what) throws IOException {
        try {
            return RegistryHost.parse(what);
        } catch (IllegalArgumentException neither) {
            throw new IOException("Tried to show " + what + " but there is no such file, and " + neither.getMessage());
        }
    }

    private static String bare(String name) {
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }

    private static Shown ofFile(Path file, Instant now) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("Tried to read " + file + " but it is larger than " + MAX_BYTES + " bytes.");
        }
        byte[] pem = Files.readAllBytes(file);
        List<Certificate> certificates = Certificates.takenByGo(pem);
        Optional<PrivateKey> key = key(pem);
        List<Remark> remarks = new ArrayList<>();
        if (!certificates.isEmpty()) {
            remarks.addAll(ChainReview.ofFile(certificates, now));
        }
        complaint(pem, key.isPresent() && certificates.isEmpty())
                .map(words -> new Remark(true, file + " " + words + "."))
                .ifPresent(remarks::add);
        if (key.isPresent()) {
            remarks.addAll(remarks(key.get(), certificates, file));
        }
        return new Shown(file.toString(), now, certificates, remarks);
    }

    private static Optional<PrivateKey> key(byte[] pem) {
        try {
            return Optional.of(PrivateKeys.parsePem(pem));
        } catch (InvalidPemException none) {
            return Optional.empty();
        }
    }

    private static Optional<String> complaint(byte[] pem, boolean isKeyFile) {
        try {
            Certificates.parsePem(pem);
            return Optional.empty();
        } catch (InvalidPemException notForDocker) {
            return isKeyFile ? Optional.empty() : Optional.of(notForDocker.getMessage());
        }
    }

    private static List<Remark> remarks(PrivateKey key, List<Certificate> certificates, Path file) throws IOException {
        List<Remark> remarks = new ArrayList<>();
        String whose = "";
        for (int at = 0; at < certificates.size(); at++) {
            if (PrivateKeys.belongsTo(certificates.get(at), key)) {
                whose = ": that of certificate " + (at + 1);
            }
        }
        remarks.add(new Remark(false, "It holds a private key (" + key.getAlgorithm() + ")" + whose + "."));
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(OTHERS::contains)) {
            remarks.add(new Remark(
                    true,
                    "Others can read the key: its mode is " + PosixFilePermissions.toString(permissions)
                            + ". 'chmod 600' it, and replace it if they may have."));
        }
        return remarks;
    }
}
