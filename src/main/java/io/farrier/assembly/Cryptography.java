package io.farrier.assembly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * What cryptography this process has, said plainly.
 *
 * @param providers of the JDK, in order of preference
 * @param protocols TLS versions that are on
 */
public record Cryptography(List<String> providers, List<String> protocols, List<String> suites, Kernel kernel) {
    private static final Path FIPS_ENABLED = Path.of("/proc/sys/crypto/fips_enabled");
    private static final String NOT_APPROVED_IN_TLS =
            "TLSv1, TLSv1.1, ChaCha20-Poly1305, x25519, x448, Ed25519, Ed448, MD5, SHA1, DES, RSA keySize < 2048, EC keySize < 224";
    private static final String NOT_APPROVED_IN_CERTIFICATES =
            "Ed25519, Ed448, MD5, SHA1, RSA keySize < 2048, EC keySize < 224";
    private static final String APPROVED_GROUPS = "secp256r1, secp384r1, secp521r1, ffdhe2048, ffdhe3072, ffdhe4096";

    /** What {@code /proc/sys/crypto/fips_enabled} says. */
    public enum Kernel {
        ON("on"),
        OFF("off"),
        UNKNOWN("not known: the kernel does not say");

        private final String words;

        Kernel(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    public Cryptography {
        providers = List.copyOf(providers);
        protocols = List.copyOf(protocols);
        suites = List.copyOf(suites);
    }

    /** As whoever talks to a registry or to the collector has it. */
    public static Cryptography ofThisProcess() {
        return heeded(FIPS_ENABLED);
    }

    static Cryptography heeded(Path fipsEnabled) {
        heed(fipsEnabled);
        return of(fipsEnabled);
    }

    static Cryptography of(Path fipsEnabled) {
        SSLParameters tls = tls();
        return new Cryptography(
                Arrays.stream(Security.getProviders()).map(Cryptography::words).toList(),
                List.of(tls.getProtocols()),
                List.of(tls.getCipherSuites()),
                kernel(fipsEnabled));
    }

    /** On a kernel in FIPS mode: from here on only approved algorithms, in the whole process. Before the first connection. */
    static void heedTheKernel() {
        heed(FIPS_ENABLED);
    }

    private static void heed(Path fipsEnabled) {
        if (kernel(fipsEnabled) == Kernel.ON) {
            restrict();
        }
    }

    /** What NIST SP 800-52r2 and SP 800-131Ar2 do not approve is off for TLS and for the certificates on its way. */
    private static void restrict() {
        forbid("jdk.tls.disabledAlgorithms", NOT_APPROVED_IN_TLS);
        forbid("jdk.certpath.disabledAlgorithms", NOT_APPROVED_IN_CERTIFICATES);
        System.setProperty("jdk.tls.namedGroups", APPROVED_GROUPS);
    }

    private static void forbid(String property, String algorithms) {
        String already = Objects.requireNonNullElse(Security.getProperty(property), "");
        if (!already.endsWith(algorithms)) {
            Security.setProperty(property, already.isBlank() ? algorithms : already + ", " + algorithms);
        }
    }

    /** True sentences for an auditor. */
    public List<String> remarks() {
        String notValidated =
                "farrier holds no FIPS 140 certificate: TLS is the JDK's and Netty's over the JDK's, and the"
                        + " Bouncy Castle that makes its certificates is the ordinary one, not the validated module.";
        String noPasswords =
                "farrier has no passwords of its own, so it derives no key from one (PBKDF2): who logs in shows a"
                        + " token of 256 random bits, and what a node joined with is kept as its SHA-256.";
        return kernel == Kernel.ON
                ? List.of(
                        notValidated,
                        noPasswords,
                        "The kernel is in FIPS mode: farrier lets TLS and certificates use approved algorithms only, by"
                                + " the JDK's providers above. Run it on a JDK that your policy accepts.")
                : List.of(notValidated, noPasswords);
    }

    private static String words(Provider provider) {
        return provider.getName() + " " + provider.getVersionStr();
    }

    private static SSLParameters tls() {
        try {
            return SSLContext.getDefault().getDefaultSSLParameters();
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("this JDK has no TLS", broken);
        }
    }

    private static Kernel kernel(Path fipsEnabled) {
        try {
            return Files.readString(fipsEnabled).strip().equals("1") ? Kernel.ON : Kernel.OFF;
        } catch (IOException unknown) {
            return Kernel.UNKNOWN;
        }
    }
}
