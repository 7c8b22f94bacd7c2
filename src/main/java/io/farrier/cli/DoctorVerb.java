package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.finding.Finding;
import io.farrier.finding.Severity;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "doctor",
        description =
                "Make every check on this node and say what is wrong, with the way out. Exits 0 when all is fine, 3"
                        + " with findings.")
final class DoctorVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        try (Assembly assembly = node.assembly()) {
            List<Finding> findings = assembly.doctor().examine();
            if (wantsJson()) {
                screen().json(Facts.findings(findings));
            } else {
                show(screen(), findings);
            }
            return findings.stream().anyMatch(DoctorVerb::counts) ? ExitCode.FINDINGS : ExitCode.DONE;
        }
    }

    private static boolean counts(Finding finding) {
        return finding.severity() != Severity.INFO;
    }

    static void show(Screen screen, List<Finding> findings) {
        for (Finding finding : findings) {
            screen.line(ink(finding.severity()), word(finding.severity()) + "  " + finding.title());
            screen.line("    " + finding.detail());
            finding.remedy().ifPresent(remedy -> {
                screen.line("    -> " + remedy.sentence());
                remedy.command().ifPresent(command -> screen.line("       " + command));
            });
        }
        screen.line(Screen.Colour.BOLD, findings.isEmpty() ? "All checks are fine." : findings.size() + " finding(s).");
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private static Screen.Colour ink(Severity severity) {
        return switch (severity) {
            case INFO -> Screen.Colour.FAINT;
            case UNKNOWN, WARNING -> Screen.Colour.YELLOW;
            case ERROR, CRITICAL -> Screen.Colour.RED;
        };
    }
}
