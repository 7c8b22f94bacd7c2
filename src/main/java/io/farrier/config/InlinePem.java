package io.farrier.config;

import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Certificates that stand in the configuration itself, as a block text. */
final class InlinePem implements Type<List<Certificate>> {
    @Override
    public Optional<List<Certificate>> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Scalar scalar) || scalar.isNull()) {
            place.wrongType(value, "the PEM text of certificates, as a block that begins with '|'");
            return Optional.empty();
        }
        try {
            List<Certificate> certificates = Certificates.parsePem(scalar.text().getBytes(StandardCharsets.UTF_8));
            place.effective(certificates.size() + " certificate(s)", scalar.origin());
            return Optional.of(certificates);
        } catch (InvalidPemException notPem) {
            place.problem(scalar.origin(), String.valueOf(notPem.getMessage()));
            return Optional.empty();
        }
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "string", "pattern", "-----BEGIN CERTIFICATE-----");
    }
}
