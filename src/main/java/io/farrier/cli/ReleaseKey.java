package io.farrier.cli;

import io.farrier.image.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The public key of whoever releases packages. Its other half is never on a collector, so that a collector that was taken
 * over hands out nothing of its own (SAFETY 30). An elliptic curve key: {@code openssl dgst} of every node verifies it.
 */
record ReleaseKey(List<String> pem, PublicKey key) {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int MAX_BYTES = 4096;

    ReleaseKey {
        pem = List.copyOf(pem);
    }

    /** @throws IOException with a sentence for the operator */
    static ReleaseKey read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(
                    "Tried to read the release key " + file + " but it is no public key: it is too long.");
        }
        List<String> lines = Files.readString(file, StandardCharsets.US_ASCII)
                .strip()
                .lines()
                .toList();
        try {
            if (lines.size() < 3
                    || !lines.get(0).equals(BEGIN)
                    || !lines.get(lines.size() - 1).equals(END)) {
                throw new IllegalArgumentException("it does not begin with " + BEGIN);
            }
            byte[] der = Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
            return new ReleaseKey(lines, KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException | IllegalArgumentException wrong) {
            throw new IOException(
                    "Tried to read the release key " + file + " but it is no public key of an elliptic curve: "
                            + wrong.getMessage() + ". Make one with 'openssl pkey -in KEY -pubout'.",
                    wrong);
        }
    }

    /** As {@code openssl pkey -pubin -outform DER | sha256sum} prints it. */
    String fingerprint() {
        return Sha256.hex(key.getEncoded());
    }

    /** @throws IOException with a sentence when the file beside it, with {@code .sig} behind its name, is no signature of it */
    void check(Path file) throws IOException {
        Path signature = file.resolveSibling(file.getFileName() + ".sig");
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(key);
            try (var bytes = Files.newInputStream(file)) {
                byte[] buffer = new byte[64 * 1024];
                for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                    verifier.update(buffer, 0, read);
                }
            }
            if (verifier.verify(Files.readAllBytes(signature))) {
                return;
            }
        } catch (NoSuchFileException missing) {
            throw new IOException("Tried to check the signature of " + file + " but there is no " + missing.getFile()
                    + ". Copy it there beside the package.");
        } catch (GeneralSecurityException notASignature) {
            throw unsigned(file, notASignature);
        }
        throw unsigned(file, null);
    }

    private static IOException unsigned(Path file, @Nullable Exception cause) {
        return new IOException(
                "Tried to check the signature of " + file + " but the release key did not make it. Nothing was invited;"
                        + " find out who replaced the package.",
                cause);
    }
}
