package io.farrier.pki;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The minor version of the Go that a runtime was built with: crypto/x509 words its verdicts differently over the years,
 * and a distribution builds an old Docker with a new Go.
 *
 * @param takesSmallRsa RSA keys below 1024 bits
 */
public record GoVersion(int minor, boolean takesSmallRsa, boolean takesNegativeSerials) {
    private static final Pattern NAME = Pattern.compile("go1\\.(\\d{1,3})(?:\\D.*)?");
    private static final int PREFIXES_VERIFICATION = 20;
    private static final int DROPS_SHA1_OVERRIDE = 24;
    private static final int DROPS_SMALL_RSA = 24;
    private static final int REFUSES_NEGATIVE_SERIALS = 23;

    // Below what it is made with.
    /** The last one whose words were compared with a real daemon's. */
    public static final GoVersion NEWEST = of(24, "");

    /**
     * @param text such as {@code go1.19.8}, as {@code runtime.Version()} says it
     * @param debug {@code DefaultGODEBUG} of the build: a program that was written for an older Go keeps its leniency
     */
    public static Optional<GoVersion> parse(String text, String debug) {
        Matcher name = NAME.matcher(text.strip());
        return name.matches() ? Optional.of(of(Integer.parseInt(name.group(1)), debug)) : Optional.empty();
    }

    private static GoVersion of(int minor, String debug) {
        List<String> settings = List.of(debug.split(","));
        return new GoVersion(
                minor,
                minor < DROPS_SMALL_RSA || settings.contains("rsa1024min=0"),
                minor < REFUSES_NEGATIVE_SERIALS || settings.contains("x509negativeserial=1"));
    }

    /** What crypto/tls puts before a verdict of crypto/x509. */
    public String verificationPrefix() {
        return minor >= PREFIXES_VERIFICATION ? "tls: failed to verify certificate: " : "";
    }

    String sha1Override() {
        return minor >= DROPS_SHA1_OVERRIDE ? "" : " (temporarily override with GODEBUG=x509sha1=1)";
    }

    @Override
    public String toString() {
        return "go1." + minor;
    }
}
