package io.farrier.registry;

import io.farrier.pki.Certificate;
import io.farrier.pki.CertificateFault;
import io.farrier.pki.CertificateFault.Kind;
import io.farrier.pki.Certificates;
import io.farrier.registry.Examination.Served;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The CAs that a configuration lists for one registry, held against what its servers show. */
public final class ListedCas {
    private final List<Certificate> cas;
    private final Trust trust;

    private ListedCas(List<Certificate> cas, Trust trust) {
        this.cas = cas;
        this.trust = trust;
    }

    /** @param pem of at least one certificate */
    public static ListedCas of(byte[] pem) throws IOException {
        return new ListedCas(Certificates.parsePem(pem), Trust.withCa(pem));
    }

    public List<Certificate> all() {
        return cas;
    }

    /** The first server that neither these nor the system's roots vouch for: a runtime that has only these refuses it. */
    public Optional<Served> uncovered(List<Served> served, Instant now) throws IOException {
        List<X509Certificate> roots = trust.roots();
        return served.stream()
                .filter(one -> one
                        .chain()
                        .faults(one.door().name(), now, roots, one.door().go())
                        .stream()
                        .anyMatch(ListedCas::isOfIssuer))
                .findFirst();
    }

    private static boolean isOfIssuer(CertificateFault fault) {
        return fault.kind() == Kind.UNKNOWN_AUTHORITY || fault.kind() == Kind.OTHER_KEY_OF_AUTHORITY;
    }

    /** Those of them that vouch for one of these servers. */
    public Set<Certificate> used(List<Served> served, Instant now) {
        List<X509Certificate> listed = cas.stream().map(Certificate::x509).toList();
        Set<Certificate> used = new LinkedHashSet<>();
        served.forEach(
                one -> used.addAll(one.chain().anchors(now, listed, one.door().go())));
        return used;
    }
}
