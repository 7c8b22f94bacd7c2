package io.farrier.route;

import java.util.List;
import java.util.Optional;

/**
 * Where a runtime takes its trust in an endpoint from, beside the system's roots.
 *
 * @param isVerified false where the runtime takes any certificate
 * @param folder of {@code *.crt}, {@code *.cert} and {@code *.key}, as Docker has it
 * @param caFiles further PEM files
 */
public record TrustRule(
        boolean isVerified, Optional<String> folder, List<String> caFiles, Optional<ClientFiles> client) {
    public static final TrustRule SYSTEM = new TrustRule(true, Optional.empty(), List.of(), Optional.empty());
    public static final TrustRule NOBODY = new TrustRule(false, Optional.empty(), List.of(), Optional.empty());

    public TrustRule {
        caFiles = List.copyOf(caFiles);
    }

    public record ClientFiles(String certificate, String key) {}

    public static TrustRule ofFolder(String folder) {
        return new TrustRule(true, Optional.of(folder), List.of(), Optional.empty());
    }

    /** For people. */
    public String words() {
        if (!isVerified) {
            return "nobody verifies it";
        }
        String from = folder.map(List::of).orElse(caFiles).isEmpty()
                ? "the system's roots"
                : "the system's roots and "
                        + String.join(", ", folder.map(List::of).orElse(caFiles));
        return client.isEmpty()
                ? from
                : from + ", with the client certificate " + client.get().certificate();
    }
}
