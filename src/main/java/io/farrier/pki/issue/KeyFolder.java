package io.farrier.pki.issue;

import io.farrier.node.NodeFiles;
import io.farrier.pki.InvalidPemException;
import io.farrier.plan.FileState;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Where an operator keeps a CA and what it issued: certificates for everyone, keys for their owner alone. */
public final class KeyFolder {
    private static final int PUBLIC = 0644;
    private static final int PRIVATE = 0600;
    private static final int OTHERS = 0077;

    /** A chain or a key has a few KB; anything larger is not what it should be. */
    private static final int MAX_BYTES = 64 * 1024;

    private final NodeFiles files;
    private final Path folder;

    private KeyFolder(NodeFiles files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /** @param folder made with mode 0755 when it is missing */
    public static KeyFolder at(Path folder) throws IOException {
        return new KeyFolder(
                NodeFiles.below(Path.of("/")), folder.toAbsolutePath().normalize());
    }

    /** The two files of a certificate and its key. */
    public record Pair(String certificate, String key) {
        public static final Pair CA = server("ca");

        /** {@code registry.crt} and {@code registry.key}. */
        public static Pair server(String name) {
            return new Pair(name + ".crt", name + ".key");
        }

        /** {@code client.cert} and {@code client.key}: Docker takes a pair in certs.d by these endings. */
        public static Pair client(String name) {
            return new Pair(name + ".cert", name + ".key");
        }
    }

    public Path certificateOf(Pair pair) {
        return folder.resolve(pair.certificate());
    }

    public Path keyOf(Pair pair) {
        return folder.resolve(pair.key());
    }

    /** @throws IOException when one of the two is there, with a sentence that names it */
    public void requireFree(Pair pair) throws IOException {
        for (Path file : new Path[] {certificateOf(pair), keyOf(pair)}) {
            if (files.exists(file)) {
                throw new IOException("Tried to write " + file + " but it is there already. Nothing was written.");
            }
        }
    }

    /** The key first: a certificate without its key is of no use, and a kill between the two leaves none. */
    public void write(Pair pair, String chainPem, Secret keyPem) throws IOException {
        files.makeFolders(folder, 0755);
        files.replace(keyOf(pair), state(keyPem.reveal(), PRIVATE));
        files.replace(certificateOf(pair), state(chainPem, PUBLIC));
    }

    /** @throws IOException also when others can read the key: then it is no secret any more */
    public CertificateAuthority readCa() throws IOException {
        FileState certificate = read(certificateOf(Pair.CA));
        FileState key = read(keyOf(Pair.CA));
        if ((key.mode() & OTHERS) != 0) {
            throw new IOException("Tried to read " + keyOf(Pair.CA) + " but its mode is "
                    + Integer.toOctalString(key.mode())
                    + ": others may have read it. 'chmod 600' it if they have not, else make a new CA.");
        }
        try {
            return CertificateAuthority.parse(text(certificate), Secret.of(text(key)));
        } catch (InvalidPemException noCa) {
            throw new IOException("Tried to read the CA in " + folder + " but " + noCa.getMessage() + ".", noCa);
        }
    }

    private FileState read(Path file) throws IOException {
        FileState state = files.read(file, MAX_BYTES);
        if (state.isAbsent()) {
            throw new IOException("Tried to read " + file
                    + " but it is not there. Make a CA with 'farrier certs ca', or name its folder with '--ca DIR'.");
        }
        return state;
    }

    private static FileState state(String text, int mode) {
        return FileState.of(text.getBytes(StandardCharsets.UTF_8), mode);
    }

    private static String text(FileState state) {
        return new String(state.content(), StandardCharsets.UTF_8);
    }
}
