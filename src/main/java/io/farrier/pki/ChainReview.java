package io.farrier.pki;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is to be said of the certificates of a file or a server, leaf first. It asks what Go would refuse (crypto/x509
 * {@code Verify}) apart from trust itself, which depends on the node.
 */
public final class ChainReview {
    private static final Duration SOON = Duration.ofDays(30);
    private static final int MIN_RSA_BITS = 2048;
    private static final String WAY_OUT = " 'farrier certs issue NAME...' makes one with every name in it.";

    private final List<Certificate> chain;
    private final Instant now;
    private final List<Remark> remarks = new ArrayList<>();

    /** @param isFault false for what is good to know and needs no mending */
    public record Remark(boolean isFault, String sentence) {}

    private ChainReview(List<Certificate> chain, Instant now) {
        this.chain = chain;
        this.now = now;
    }

    /** @param chain at least one */
    public static List<Remark> ofFile(List<Certificate> chain, Instant now) {
        ChainReview review = new ChainReview(List.copyOf(chain), now);
        review.names();
        review.each();
        review.signatures();
        return List.copyOf(review.remarks);
    }

    /** @param host that clients dial: a name, or an address without brackets */
    public static List<Remark> ofServer(List<Certificate> chain, String host, Instant now) {
        ChainReview review = new ChainReview(List.copyOf(chain), now);
        review.names(host);
        review.each();
        review.purpose();
        review.signatures();
        return List.copyOf(review.remarks);
    }

    private void names(String host) {
        HostNames.fault(new GoCertificate(chain.get(0).x509()), host)
                .ifPresent(fault ->
                        fault("Docker and containerd refuse it for this name: " + fault.words() + "." + WAY_OUT));
    }

    private void each() {
        for (int at = 0; at < chain.size(); at++) {
            dates(at);
            strength(at);
            authority(at);
        }
    }

    private void dates(int at) {
        Certificate certificate = chain.get(at);
        if (certificate.hasExpired(now)) {
            fault(number(at) + " expired " + certificate.notAfter() + ".");
        } else if (now.isBefore(certificate.notBefore())) {
            fault(number(at) + " is not valid before " + certificate.notBefore() + ". Is this machine's clock right?");
        } else if (certificate.notAfter().isBefore(now.plus(SOON))) {
            fault(number(at) + " expires in "
                    + Duration.between(now, certificate.notAfter()).toDays() + " day(s), "
                    + certificate.notAfter() + ".");
        }
    }

    private void strength(int at) {
        CertificateDetails details = CertificateDetails.of(chain.get(at));
        String signature = details.signature().toUpperCase(Locale.ROOT);
        boolean isWeak = signature.startsWith("SHA1") || signature.startsWith("MD");
        if (isWeak && !details.isSelfSigned()) {
            fault(number(at) + " is signed with " + details.signature()
                    + ": Docker and containerd refuse that as an insecure algorithm.");
        }
        if (details.key().startsWith("RSA") && details.keyBits() < MIN_RSA_BITS) {
            fault(number(at) + " has an RSA key of " + details.keyBits() + " bits; at least " + MIN_RSA_BITS
                    + " are safe.");
        }
    }

    private void authority(int at) {
        CertificateDetails details = CertificateDetails.of(chain.get(at));
        if (chain.get(at).isCa() && !details.maySignCertificates()) {
            fault(number(at) + " is a CA that may not sign certificates (its key usage is "
                    + String.join(", ", details.keyUsage()) + "), so nothing below it is trusted.");
        }
    }

    private void names() {
        // Two lines of openssl make a CA by default, and people let registries serve it.
        if (chain.get(0).isCa() && CertificateDetails.of(chain.get(0)).names().isEmpty()) {
            note(number(0) + " is a CA and names no host: it can sign a server's certificate, and cannot be one.");
        }
        for (int at = 0; at < chain.size(); at++) {
            CertificateDetails details = CertificateDetails.of(chain.get(at));
            if (!chain.get(at).isCa() && details.mayServe() && details.names().isEmpty()) {
                fault(number(at) + " has no subject alternative names, only its subject: Docker and containerd refuse"
                        + " such a server (x509: certificate relies on legacy Common Name field, use SANs instead)."
                        + WAY_OUT);
            }
        }
    }

    private void purpose() {
        CertificateDetails leaf = CertificateDetails.of(chain.get(0));
        if (!leaf.mayServe()) {
            fault(number(0) + " is for " + String.join(", ", leaf.purposes())
                    + " only: clients refuse it ('x509: certificate specifies an incompatible key usage').");
        }
    }

    /** A client finds the next certificate by itself among those shown, in whatever order (RFC 8446, section 4.4.2). */
    private void signatures() {
        for (int at = 0; at < chain.size(); at++) {
            Certificate certificate = chain.get(at);
            if (!certificate.isSignedBy(certificate) && issuerOf(certificate).isEmpty()) {
                note(number(at) + " was issued by '" + certificate.issuer()
                        + "', which is not here: who trusts it must have that CA.");
            }
        }
        if (chain.size() > 1 && !chain.get(0).isCa() && !chain.get(0).isSignedBy(chain.get(1))) {
            fault("Certificate 2 did not sign certificate 1: the leaf comes first, then who signed it, and so on.");
        }
    }

    private Optional<Certificate> issuerOf(Certificate certificate) {
        return chain.stream().filter(certificate::isSignedBy).findFirst();
    }

    private static String number(int at) {
        return "Certificate " + (at + 1);
    }

    private void fault(String sentence) {
        remarks.add(new Remark(true, sentence));
    }

    private void note(String sentence) {
        remarks.add(new Remark(false, sentence));
    }
}
