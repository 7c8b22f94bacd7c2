package io.farrier.assembly;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
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

    public static Cryptography ofThisProcess() {
        return of(FIPS_ENABLED);
    }

    static Cryptography of(Path fipsEnabled) {
        SSLParameters tls = tls();
        return new Cryptography(
                Arrays.stream(Security.getProviders()).map(Cryptography::words).toList(),
                List.of(tls.getProtocols()),
                List.of(tls.getCipherSuites()),
                kernel(fipsEnabled));
    }

    /** True sentences for an auditor. */
    public List<String> remarks() {
        String notValidated =
                "farrier holds no FIPS 140 certificate: TLS is the JDK's and Netty's over the JDK's, and the"
                        + " Bouncy Castle that makes its certificates is the ordinary one, not the validated module.";
        return kernel == Kernel.ON
                ? List.of(
                        notValidated,
                        "The kernel is in FIPS mode, and farrier does not heed it by itself: it uses what the JDK's"
                                + " providers above offer. Run it on a JDK that your policy accepts.")
                : List.of(notValidated);
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
