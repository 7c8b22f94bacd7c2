package io.farrier.config;

import static io.farrier.config.Property.required;

import io.farrier.pki.Certificate;
import io.farrier.secret.Secret;
import java.util.List;

/** A client certificate and its key, wherever one is named. */
final class ClientSection {
    static final Property<FileType.Content<List<Certificate>>> CERT =
            required("cert", FileType.certificates(), "PEM file of the client certificate, its chain after it.");
    static final Property<FileType.Content<Secret>> KEY =
            required("key", FileType.privateKey(), "PEM file of its private key, without a passphrase.");

    static final Section<FarrierConfig.ClientPair> TYPE = Section.of(
                    values -> new FarrierConfig.ClientPair(
                            FarrierYaml.pem(values.get(CERT).value()),
                            values.get(KEY).value()),
                    CERT,
                    KEY)
            .where(values -> CertificateRules.checkPair(values, CERT, KEY));

    private ClientSection() {}
}
