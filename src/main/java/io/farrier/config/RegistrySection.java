package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;
import static io.farrier.config.Property.withDefault;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One of {@code registries}. */
final class RegistrySection {
    static final Property<RegistryHost> HOST =
            required("host", ScalarType.registryHost(), "host[:port], exactly as image references name the registry.");
    static final Property<List<FileType.Content<List<Certificate>>>> CA = optional(
            "ca",
            new OneOrMore<>(FileType.certificates()),
            "PEM file, or a list of them, with the CA certificates to trust for this registry.");
    static final Property<List<Certificate>> CA_PEM =
            optional("ca_pem", new InlinePem(), "CA certificates written here; with 'ca', both are trusted.");
    static final Property<FarrierConfig.ClientPair> CLIENT =
            optional("client", ClientSection.TYPE, "Certificate and key by which this node proves who it is.");
    static final Property<FarrierConfig.Login> AUTH = optional(
            "auth",
            AuthSection.TYPE,
            "Login for farrier's own pulls and for registries.yaml; Docker's kubelet does not use it.");
    static final Property<Boolean> INSECURE = withDefault(
            "insecure",
            ScalarType.bool(),
            "false",
            "Talk to it without verifying its certificate, or over plain HTTP. Stays a finding.");
    static final Property<Mode> MODE =
            optional("mode", ScalarType.choice(Mode.class), "Overrides the node's mode for this registry.");

    static final Property<Reference> PROOF = optional(
            "proof",
            ScalarType.reference(),
            "The image that is pulled to prove a change, of this registry; else the smallest that is kept.");

    static final Section<FarrierConfig.Registry> TYPE = Section.of(
                    RegistrySection::registry, HOST, CA, CA_PEM, CLIENT, AUTH, INSECURE, MODE, PROOF)
            .where(RegistrySection::check);

    private RegistrySection() {}

    private static FarrierConfig.Registry registry(Values values) {
        List<Certificate> cas = cas(values);
        return new FarrierConfig.Registry(
                values.get(HOST),
                cas.isEmpty() ? Optional.empty() : Optional.of(FarrierYaml.pem(cas)),
                values.find(CLIENT),
                values.find(AUTH),
                values.get(INSECURE),
                values.find(MODE),
                values.find(PROOF));
    }

    /** dockerd skips certs.d, client pairs included, for an insecure registry; a login would travel readable. */
    private static void check(Values values) {
        boolean isInsecure = values.find(INSECURE).orElse(false);
        for (Property<?> property : List.of(CA, CA_PEM, CLIENT, AUTH)) {
            if (isInsecure && values.isWritten(property)) {
                values.problem(property, "cannot be combined with 'insecure: true': it would not protect anything");
            }
        }
        values.find(PROOF)
                .filter(proof -> values.find(HOST)
                        .filter(host -> !host.equals(proof.registry()))
                        .isPresent())
                .ifPresent(elsewhere -> values.problem(PROOF, "must be an image of this registry"));
        CertificateRules.warnOfExpiry(values, CA, cas(values));
    }

    private static List<Certificate> cas(Values values) {
        Set<Certificate> cas = new LinkedHashSet<>();
        values.list(CA).forEach(file -> cas.addAll(file.value()));
        cas.addAll(values.list(CA_PEM));
        return List.copyOf(cas);
    }
}
