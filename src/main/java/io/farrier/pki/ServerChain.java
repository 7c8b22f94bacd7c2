package io.farrier.pki;

import io.farrier.pki.CertificateFault.Kind;
import io.farrier.pki.ChainBuilder.Built;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a TLS server presented, judged as Go judges it (crypto/x509 {@code Certificate.Verify}). dockerd and containerd
 * refuse what is refused here and take what is taken; the JDK does neither (FACTS 6).
 */
public final class ServerChain {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final List<GoCertificate> shown;

    private ServerChain(List<GoCertificate> shown) {
        this.shown = shown;
    }

    /** @param shown the leaf first, at least one */
    public static ServerChain of(List<X509Certificate> shown) {
        if (shown.isEmpty()) {
            throw new IllegalArgumentException("a server without a certificate has no chain");
        }
        return new ServerChain(shown.stream().map(GoCertificate::new).toList());
    }

    public Certificate leaf() {
        return Certificate.of(shown.get(0).x509());
    }

    /** Who signed the last one that was sent: the CA to ask for. */
    public String lastIssuer() {
        return shown.get(shown.size() - 1).x509().getIssuerX500Principal().getName();
    }

    /** True when it is its own issuer and nothing else was sent: trusting it means trusting this one server. */
    public boolean isSelfSigned() {
        return shown.get(0).isIssuedBy(shown.get(0));
    }

    /**
     * All that is wrong, in the order in which Go would name one after the other as they are mended: it stops at the
     * first.
     *
     * @param host a name, or an address without brackets
     * @param roots in the order of the pool: the system's, then the configured ones
     */
    public List<CertificateFault> faults(String host, Instant now, List<X509Certificate> roots, GoVersion go) {
        GoCertificate leaf = shown.get(0);
        List<CertificateFault> faults = new ArrayList<>();
        if (!go.takesNegativeSerials() && shown.stream().anyMatch(GoCertificate::hasNegativeSerial)) {
            faults.add(new CertificateFault(Kind.UNREADABLE, "x509: negative serial number"));
        }
        ChainBuilder.unknownExtension(leaf).ifPresent(faults::add);
        ChainBuilder.dates(leaf, now).ifPresent(faults::add);
        HostNames.fault(leaf, host).ifPresent(faults::add);
        Built built = new ChainBuilder(roots.stream().map(GoCertificate::new).toList(), sent(), now, go).from(leaf);
        built.fault().ifPresent(faults::add);
        usage(built, leaf).ifPresent(faults::add);
        return List.copyOf(faults);
    }

    /**
     * The trusted certificates that a way from this server ends at. Empty when nobody here vouches for it; more than one
     * where roads part, as after a cross-signature, and then each alone would do.
     */
    public Set<Certificate> anchors(Instant now, List<X509Certificate> roots, GoVersion go) {
        Built built =
                new ChainBuilder(roots.stream().map(GoCertificate::new).toList(), sent(), now, go).from(shown.get(0));
        Set<Certificate> anchors = new LinkedHashSet<>();
        built.chains()
                .forEach(chain ->
                        anchors.add(Certificate.of(chain.get(chain.size() - 1).x509())));
        return anchors;
    }

    private List<GoCertificate> sent() {
        return shown.subList(1, shown.size()).stream().distinct().toList();
    }

    /** Without any chain the leaf alone is looked at, so that this fault is not found last. */
    private static Optional<CertificateFault> usage(Built built, GoCertificate leaf) {
        boolean serves = built.chains().isEmpty()
                ? isForServers(leaf)
                : built.chains().stream().anyMatch(chain -> chain.stream().allMatch(ServerChain::isForServers));
        return serves
                ? Optional.empty()
                : Optional.of(new CertificateFault(
                        Kind.WRONG_KEY_USAGE, "x509: certificate specifies an incompatible key usage"));
    }

    private static boolean isForServers(GoCertificate certificate) {
        List<String> usages = certificate.extendedKeyUsages();
        return usages.isEmpty() || usages.contains(SERVER_AUTH) || usages.contains(ANY_USAGE);
    }
}
