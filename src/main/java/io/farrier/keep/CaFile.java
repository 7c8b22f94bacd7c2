package io.farrier.keep;

import io.farrier.ledger.Ownership;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import io.farrier.plan.Claim;
import io.farrier.plan.FileState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A file of ours with CAs, owned certificate by certificate. One that the configuration no longer names stays beside the
 * new ones as long as nobody allows that it goes: a rotation, and a list that was cut short, both take no trust away
 * (SAFETY 3, 46).
 */
public final class CaFile {
    /** What a claim of one certificate names. */
    private static final String CERTIFICATE = "certificate";

    private CaFile() {}

    /**
     * @param dropped what would go
     * @param both the file that holds what is wanted and what is not let go
     */
    public record Overlap(List<Certificate> dropped, FileState both) {
        public Overlap {
            dropped = List.copyOf(dropped);
        }
    }

    /** Each certificate that farrier put into a file, by its SHA-256. */
    public static Set<Claim> claims(Path path, FileState written) {
        return claims(path, certificates(written));
    }

    public static Set<Claim> claims(Path path, Collection<Certificate> written) {
        return written.stream()
                .map(certificate -> claim(path, certificate))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Empty where nothing of ours would go. */
    public static Optional<Overlap> overlap(Path path, FileState now, FileState wished, Ownership ours) {
        if (Arrays.equals(now.content(), wished.content())) {
            return Optional.empty();
        }
        List<Certificate> wanted = certificates(wished);
        List<Certificate> dropped = certificates(now).stream()
                .filter(certificate -> !wanted.contains(certificate) && ours.owns(claim(path, certificate)))
                .toList();
        if (dropped.isEmpty()) {
            return Optional.empty();
        }
        List<Certificate> both = new ArrayList<>(wanted);
        both.addAll(dropped);
        byte[] pem = Certificates.toPem(both).getBytes(StandardCharsets.US_ASCII);
        return Optional.of(new Overlap(dropped, FileState.of(pem, wished.mode())));
    }

    private static Claim claim(Path path, Certificate certificate) {
        return Claim.element(path, CERTIFICATE, certificate.fingerprint());
    }

    private static List<Certificate> certificates(FileState file) {
        try {
            return file.isAbsent() ? List.of() : Certificates.parsePem(file.content());
        } catch (InvalidPemException notOurs) {
            return List.of();
        }
    }
}
