package io.farrier.check;

import io.farrier.image.ManifestDigest;
import io.farrier.pki.Certificate;
import io.farrier.registry.Examination;
import io.farrier.registry.ProxyAddress;
import io.farrier.registry.RegistryFault;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One examination, ready to be shown or told to a program.
 *
 * @param endpoint the URL that was asked, without a path
 * @param authentication {@code none}, {@code basic}, {@code bearer} or {@code unknown}
 * @param faults the first is where the runtime stops
 */
public record RegistryReport(
        String registry,
        String endpoint,
        boolean isVerified,
        Optional<String> proxy,
        String authentication,
        Optional<Shown> certificate,
        List<Fault> faults,
        List<Image> images,
        String sentence) {
    public RegistryReport {
        faults = List.copyOf(faults);
        images = List.copyOf(images);
    }

    public record Shown(String subject, String issuer, Instant notAfter, String sha256) {
        private static Shown of(Certificate certificate) {
            return new Shown(
                    certificate.subject(), certificate.issuer(), certificate.notAfter(), certificate.fingerprint());
        }
    }

    /**
     * @param words the runtime's own; may be empty
     * @param command may be empty
     */
    public record Fault(String code, String words, String sentence, String command) {
        private static Fault of(RegistryFault fault) {
            return new Fault(fault.kind().code(), fault.words(), fault.sentence(), fault.command());
        }
    }

    public record Image(String reference, Optional<String> digest, Optional<Fault> fault) {
        private static Image of(Examination.Image image) {
            return new Image(
                    image.reference().toString(),
                    image.digest().map(ManifestDigest::value),
                    image.fault().map(Fault::of));
        }
    }

    public boolean isGood() {
        return faults.isEmpty()
                && images.stream().allMatch(image -> image.fault().isEmpty());
    }

    static RegistryReport of(Examination seen) {
        return new RegistryReport(
                seen.door().host().value(),
                seen.door().url(),
                seen.door().isVerified(),
                seen.door().proxy().map(ProxyAddress::toString),
                seen.authentication().name().toLowerCase(Locale.ROOT),
                seen.certificate().map(Shown::of),
                seen.faults().stream().map(Fault::of).toList(),
                seen.images().stream().map(Image::of).toList(),
                seen.sentence());
    }
}
