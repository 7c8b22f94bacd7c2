package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.check.RegistryReport;
import io.farrier.check.RegistryReport.Fault;
import io.farrier.check.RegistryReport.Image;

/** How a registry was found, for people and for programs. */
final class ReportScreen {
    private final Screen screen;

    ReportScreen(Screen screen) {
        this.screen = screen;
    }

    void show(RegistryReport report, String runtime) {
        screen.line(
                report.isGood() ? Screen.Colour.GREEN : Screen.Colour.RED,
                report.registry() + (report.faults().isEmpty() ? " can be used by " : " cannot be used by ") + runtime);
        showDetails(report, "  ");
    }

    void showDetails(RegistryReport report, String indent) {
        report.proxy().ifPresent(proxy -> screen.line(indent + "through the proxy " + proxy));
        report.certificate()
                .ifPresent(shown -> screen.line(indent + "certificate of " + shown.subject() + ", issued by "
                        + shown.issuer() + ", until " + shown.notAfter()
                        + (report.isVerified() ? "" : "; nobody verifies it")));
        if (report.faults().isEmpty()) {
            screen.line(indent + "login: " + report.authentication());
        }
        report.faults().forEach(fault -> show(fault, indent));
        report.images().forEach(image -> show(image, indent));
    }

    private void show(Image image, String indent) {
        image.digest().ifPresent(digest -> screen.line(indent + image.reference() + " is there as " + digest));
        image.fault().ifPresent(fault -> show(fault, indent));
    }

    private void show(Fault fault, String indent) {
        screen.line(
                Screen.Colour.YELLOW, indent + fault.code() + (fault.words().isEmpty() ? "" : ": " + fault.words()));
        screen.line(indent + "  -> " + fault.sentence());
        if (!fault.command().isEmpty()) {
            screen.line(indent + "     " + fault.command());
        }
    }

    // ---- for programs

    static ObjectNode json(RegistryReport report) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("registry", report.registry())
                .put("endpoint", report.endpoint())
                .put("ok", report.isGood())
                .put("verified", report.isVerified())
                .put("authentication", report.authentication());
        report.proxy().ifPresent(proxy -> json.put("proxy", proxy));
        report.certificate()
                .ifPresent(shown -> json.putObject("certificate")
                        .put("subject", shown.subject())
                        .put("issuer", shown.issuer())
                        .put("notAfter", shown.notAfter().toString())
                        .put("sha256", shown.sha256()));
        ArrayNode faults = json.putArray("faults");
        report.faults().forEach(fault -> faults.add(json(fault)));
        ArrayNode images = json.putArray("images");
        report.images().forEach(image -> {
            ObjectNode one = images.addObject()
                    .put("reference", image.reference())
                    .put("ok", image.fault().isEmpty());
            image.digest().ifPresent(digest -> one.put("digest", digest));
            image.fault().ifPresent(fault -> one.set("fault", json(fault)));
        });
        return json;
    }

    private static ObjectNode json(Fault fault) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("code", fault.code())
                .put("words", fault.words())
                .put("sentence", fault.sentence())
                .put("command", fault.command());
    }
}
