package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.pki.Certificate;
import io.farrier.pki.CertificateDetails;
import io.farrier.pki.ChainReview.Remark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Certificates as people and programs read them. */
final class CertsScreen {
    private CertsScreen() {}

    static void show(Shown shown, Screen screen, boolean asJson) {
        if (asJson) {
            screen.json(json(shown));
            return;
        }
        int number = 0;
        for (Certificate certificate : shown.certificates()) {
            screen.line(Screen.Colour.BOLD, ++number + "  " + certificate.subject());
            screen.table(rows(certificate, shown.at()));
        }
        for (Remark remark : shown.remarks()) {
            screen.line(
                    remark.isFault() ? Screen.Colour.RED : Screen.Colour.FAINT,
                    (remark.isFault() ? "! " : "- ") + remark.sentence());
        }
        if (!shown.hasFaults()) {
            screen.line(Screen.Colour.GREEN, shown.source() + ": nothing is wrong with it.");
        }
    }

    private static List<List<String>> rows(Certificate certificate, Instant now) {
        CertificateDetails details = CertificateDetails.of(certificate);
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("names", details.names().isEmpty() ? "(none)" : String.join(", ", details.names())));
        rows.add(row("issued by", details.isSelfSigned() ? "itself" : certificate.issuer()));
        rows.add(row("valid", certificate.notBefore() + " to " + certificate.notAfter() + left(certificate, now)));
        rows.add(row("key", details.key() + ", signed with " + details.signature()));
        rows.add(row("for", purpose(certificate, details)));
        rows.add(row("sha256", certificate.fingerprint()));
        return rows;
    }

    private static List<String> row(String name, String value) {
        return List.of("   " + name, value);
    }

    private static String left(Certificate certificate, Instant now) {
        return certificate.hasExpired(now)
                ? " (expired)"
                : " (" + Duration.between(now, certificate.notAfter()).toDays() + " days left)";
    }

    private static String purpose(Certificate certificate, CertificateDetails details) {
        List<String> all = new ArrayList<>();
        if (certificate.isCa()) {
            all.add("CA");
        }
        all.addAll(details.purposes());
        all.addAll(details.keyUsage());
        return all.isEmpty() ? "anything" : String.join(", ", all);
    }

    private static ObjectNode json(Shown shown) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("source", shown.source());
        ArrayNode certificates = json.putArray("certificates");
        shown.certificates().forEach(certificate -> certificates.add(json(certificate)));
        ArrayNode findings = json.putArray("findings");
        shown.remarks()
                .forEach(remark -> findings.addObject()
                        .put("severity", remark.isFault() ? "error" : "info")
                        .put("text", remark.sentence()));
        return json;
    }

    static ObjectNode json(Certificate certificate) {
        CertificateDetails details = CertificateDetails.of(certificate);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("subject", certificate.subject())
                .put("issuer", certificate.issuer())
                .put("self_signed", details.isSelfSigned())
                .put("not_before", certificate.notBefore().toString())
                .put("not_after", certificate.notAfter().toString())
                .put("key", details.key())
                .put("signature", details.signature())
                .put("ca", certificate.isCa())
                .put("sha256", certificate.fingerprint());
        details.names().forEach(json.putArray("names")::add);
        details.keyUsage().forEach(json.putArray("key_usage")::add);
        details.purposes().forEach(json.putArray("purposes")::add);
        return json;
    }
}
