package io.farrier.check;

import io.farrier.node.NodeFiles;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.registry.Anchors;
import io.farrier.route.TrustRule;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a {@link TrustRule} names as the runtime reads it: dockerd skips a {@code .crt} that is none in silence,
 * containerd fails every pull; a pair that is not whole fails both (FACTS 1.1).
 */
final class TrustFiles {
    private static final int MAX_BYTES = 1 << 20;

    private final NodeFiles files;
    private final boolean isStrict;

    /** @param isStrict as containerd is */
    TrustFiles(NodeFiles files, boolean isStrict) {
        this.files = files;
        this.isStrict = isStrict;
    }

    /** Every pull fails until it is mended; the message has the runtime's words. */
    static final class BrokenException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenException(String words) {
            super(words);
        }

        String words() {
            return String.valueOf(getMessage());
        }
    }

    /** @throws BrokenException when the runtime would fail on what lies there */
    Anchors read(TrustRule rule) throws IOException {
        if (!rule.isVerified()) {
            return Anchors.NOBODY;
        }
        Optional<TrustRule.ClientFiles> pair =
                rule.folder().isPresent() ? pair(rule.folder().get()) : rule.client();
        return new Anchors(true, authorities(rule), pair.isEmpty() ? Optional.empty() : Optional.of(read(pair.get())));
    }

    private Anchors.ClientPair read(TrustRule.ClientFiles pair) throws IOException {
        return new Anchors.ClientPair(
                content(Path.of(pair.certificate())),
                Secret.of(new String(content(Path.of(pair.key())), StandardCharsets.US_ASCII)));
    }

    private byte[] authorities(TrustRule rule) throws IOException {
        StringBuilder pem = new StringBuilder();
        for (String file : rule.caFiles()) {
            pem.append(taken(Path.of(file)));
        }
        if (rule.folder().isPresent()) {
            Path folder = Path.of(rule.folder().get());
            for (NodeFiles.Entry entry : files.list(folder)) {
                if (entry.name().endsWith(".crt")) {
                    pem.append(taken(folder.resolve(entry.name())));
                }
            }
        }
        return pem.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private String taken(Path file) throws IOException {
        List<Certificate> certificates = Certificates.takenByGo(content(file));
        if (certificates.isEmpty() && isStrict) {
            throw new BrokenException("unable to load CA cert \"" + file + "\"");
        }
        return Certificates.toPem(certificates);
    }

    /** The first pair of the folder; dockerd checks all of them for being whole. */
    private Optional<TrustRule.ClientFiles> pair(String folder) throws IOException {
        List<String> names =
                files.list(Path.of(folder)).stream().map(NodeFiles.Entry::name).toList();
        Optional<TrustRule.ClientFiles> first = Optional.empty();
        for (String name : names) {
            String stem = name.replaceFirst("\\.(?:cert|key)$", "");
            if (name.endsWith(".cert") && !names.contains(stem + ".key")) {
                throw new BrokenException("missing key " + stem + ".key for client certificate " + name
                        + ". Note that CA certificates should use the extension .crt");
            }
            if (name.endsWith(".key") && !names.contains(stem + ".cert")) {
                throw new BrokenException("Missing client certificate " + stem + ".cert for key " + name);
            }
            if (name.endsWith(".cert") && first.isEmpty()) {
                String path = folder + "/" + stem;
                first = Optional.of(new TrustRule.ClientFiles(path + ".cert", path + ".key"));
            }
        }
        return first;
    }

    private byte[] content(Path file) throws IOException {
        Path parent = file.getParent();
        Optional<NodeFiles.Kind> kind = files.list(parent == null ? Path.of("/") : parent).stream()
                .filter(entry -> file.endsWith(entry.name()))
                .map(NodeFiles.Entry::kind)
                .findFirst();
        if (kind.isEmpty() || kind.get() == NodeFiles.Kind.DANGLING) {
            throw new BrokenException("open " + file + ": no such file or directory");
        }
        if (kind.get() == NodeFiles.Kind.FOLDER) {
            throw new BrokenException("read " + file + ": is a directory");
        }
        return files.read(file, MAX_BYTES).content();
    }
}
