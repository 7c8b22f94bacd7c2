package io.farrier.pki;

import io.farrier.pki.CertificateFault.Kind;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The ways from a leaf to a trusted certificate: {@code buildChains} of crypto/x509, with its hints. */
final class ChainBuilder {
    private static final int MAX_SIGNATURE_CHECKS = 100; // Go's own
    private static final int SMALL_RSA_BITS = 1024;

    private final List<GoCertificate> roots;
    private final List<GoCertificate> intermediates;
    private final Instant now;
    private final GoVersion go;
    private int signatureChecks;

    ChainBuilder(List<GoCertificate> roots, List<GoCertificate> intermediates, Instant now, GoVersion go) {
        this.roots = roots;
        this.intermediates = intermediates;
        this.now = now;
        this.go = go;
    }

    /** @param fault only without chains */
    record Built(List<List<GoCertificate>> chains, Optional<CertificateFault> fault) {}

    Built from(GoCertificate leaf) {
        return roots.contains(leaf) ? new Built(List.of(List.of(leaf)), Optional.empty()) : extend(List.of(leaf));
    }

    private Built extend(List<GoCertificate> chain) {
        GoCertificate last = chain.get(chain.size() - 1);
        Search search = new Search(chain, last);
        parentsOf(last, roots).forEach(parent -> search.consider(parent, true));
        parentsOf(last, intermediates).forEach(parent -> search.consider(parent, false));
        return search.result();
    }

    /** The most plausible first. */
    private static Stream<GoCertificate> parentsOf(GoCertificate child, List<GoCertificate> pool) {
        return pool.stream().filter(child::isIssuedBy).sorted(Comparator.comparing(child::keyMismatch));
    }

    private final class Search {
        private final List<GoCertificate> chain;
        private final GoCertificate last;
        private final List<List<GoCertificate>> chains = new ArrayList<>();
        private Optional<CertificateFault> hint = Optional.empty();
        private Optional<CertificateFault> fault = Optional.empty();

        Search(List<GoCertificate> chain, GoCertificate last) {
            this.chain = chain;
            this.last = last;
        }

        void consider(GoCertificate parent, boolean isRoot) {
            if (chain.stream().anyMatch(parent::isLike)) {
                return;
            }
            if (++signatureChecks > MAX_SIGNATURE_CHECKS) {
                fault = Optional.of(new CertificateFault(
                        Kind.UNKNOWN_AUTHORITY,
                        "x509: signature check attempts limit reached while verifying certificate chain"));
                return;
            }
            Optional<CertificateFault> signature = signatureFault(parent);
            if (signature.isPresent()) {
                hint = hint.or(() -> signature.map(problem -> unknownAuthority(problem, parent)));
                return;
            }
            fault = authorityFault(parent, isRoot);
            if (fault.isPresent()) {
                return;
            }
            List<GoCertificate> longer =
                    Stream.concat(chain.stream(), Stream.of(parent)).toList();
            if (isRoot) {
                chains.add(longer);
                return;
            }
            Built further = extend(longer);
            chains.addAll(further.chains());
            fault = further.fault();
        }

        private Optional<CertificateFault> signatureFault(GoCertificate parent) {
            if (!parent.mayHaveSigned()) {
                return fault(
                        Kind.NOT_A_CA,
                        "x509: invalid signature: parent certificate cannot sign this kind of certificate");
            }
            return ChainBuilder.this.signatureFault(last, parent);
        }

        private CertificateFault unknownAuthority(CertificateFault problem, GoCertificate candidate) {
            return new CertificateFault(
                    problem.kind(),
                    "x509: certificate signed by unknown authority (possibly because of \""
                            + quoted(problem.words()) + "\" while trying to verify candidate authority certificate \""
                            + quoted(candidate.displayName()) + "\")");
        }

        /** {@code isValid} for a certificate that signed another. */
        private Optional<CertificateFault> authorityFault(GoCertificate parent, boolean isRoot) {
            return unknownExtension(parent)
                    .or(() -> dates(parent, now))
                    .or(() -> constraints(parent))
                    .or(() -> isRoot || parent.isCa()
                            ? Optional.empty()
                            : fault(Kind.NOT_A_CA, "x509: certificate is not authorized to sign other certificates"))
                    .or(() -> chain.size() - 1 > parent.maxPathLength()
                            ? fault(Kind.PATH_TOO_LONG, "x509: too many intermediates for path length constraint")
                            : Optional.empty());
        }

        private Optional<CertificateFault> constraints(GoCertificate parent) {
            return parent.constraints()
                    .flatMap(rules -> rules.objection(chain.get(0)).or(() -> rules.objection(parent)))
                    .map(words -> new CertificateFault(Kind.NAME_NOT_PERMITTED, words));
        }

        Built result() {
            if (!chains.isEmpty()) {
                return new Built(chains, Optional.empty());
            }
            return new Built(
                    List.of(),
                    fault.or(() -> hint)
                            .or(() -> fault(Kind.UNKNOWN_AUTHORITY, "x509: certificate signed by unknown authority")));
        }
    }

    private Optional<CertificateFault> signatureFault(GoCertificate child, GoCertificate parent) {
        Optional<String> weak = insecure(child.x509().getSigAlgName());
        if (weak.isPresent()) {
            return fault(Kind.WEAK_SIGNATURE, "x509: cannot verify signature: insecure algorithm " + weak.get());
        }
        if (!go.takesSmallRsa()
                && parent.x509().getPublicKey() instanceof RSAPublicKey rsa
                && rsa.getModulus().bitLength() < SMALL_RSA_BITS) {
            return fault(
                    Kind.WEAK_KEY,
                    "crypto/rsa: " + rsa.getModulus().bitLength()
                            + "-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)");
        }
        try {
            child.x509().verify(parent.x509().getPublicKey());
            return Optional.empty();
        } catch (GeneralSecurityException | RuntimeException wrong) {
            return fault(Kind.OTHER_KEY_OF_AUTHORITY, notVerified(parent));
        }
    }

    private Optional<String> insecure(String algorithm) {
        return switch (algorithm.toUpperCase(Locale.ROOT)) {
            case "SHA1WITHRSA" -> Optional.of("SHA1-RSA" + go.sha1Override());
            case "SHA1WITHECDSA" -> Optional.of("ECDSA-SHA1" + go.sha1Override());
            case "MD5WITHRSA" -> Optional.of("MD5-RSA");
            case "MD2WITHRSA" -> Optional.of("MD2-RSA");
            default -> Optional.empty();
        };
    }

    private static String notVerified(GoCertificate parent) {
        return switch (parent.x509().getPublicKey().getAlgorithm()) {
            case "RSA", "RSASSA-PSS" -> "crypto/rsa: verification error";
            case "EC" -> "x509: ECDSA verification failure";
            case "EdDSA", "Ed25519" -> "x509: Ed25519 verification failure";
            default -> "x509: cannot verify signature: algorithm unimplemented";
        };
    }

    static Optional<CertificateFault> unknownExtension(GoCertificate certificate) {
        return certificate.hasUnknownCriticalExtension()
                ? fault(Kind.UNKNOWN_CRITICAL_EXTENSION, "x509: unhandled critical extension")
                : Optional.empty();
    }

    static Optional<CertificateFault> dates(GoCertificate certificate, Instant now) {
        String words = "x509: certificate has expired or is not yet valid: current time "
                + now.truncatedTo(ChronoUnit.SECONDS) + " is ";
        Instant before = certificate.x509().getNotBefore().toInstant();
        if (now.isBefore(before)) {
            return fault(Kind.NOT_YET_VALID, words + "before " + before);
        }
        Instant after = certificate.x509().getNotAfter().toInstant();
        return now.isAfter(after) ? fault(Kind.EXPIRED, words + "after " + after) : Optional.empty();
    }

    private static Optional<CertificateFault> fault(Kind kind, String words) {
        return Optional.of(new CertificateFault(kind, words));
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
