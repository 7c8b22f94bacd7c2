package io.farrier.agent;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Remedy;
import io.farrier.finding.Severity;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Reason;
import io.farrier.plan.Withheld;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What the lanes find while they work. Codes and what they are about are those of {@code check}, so that a thing found
 * twice is one finding.
 */
final class AgentFindings {
    private AgentFindings() {}

    static Finding runtimeUnreachable(String detail, Instant at) {
        return finding(
                FindingKey.of("runtime.unreachable"),
                Severity.ERROR,
                "The container runtime does not answer",
                detail,
                Remedy.of("Start it; the agent picks it up by itself."),
                at);
    }

    static Finding configRejected(String report, Instant at) {
        return finding(
                FindingKey.of("config.rejected"),
                Severity.ERROR,
                "The configuration is not valid; the last good one stays in force",
                report,
                Remedy.of("Correct the file.", "farrier config check /etc/farrier/farrier.yaml"),
                at);
    }

    static Finding laneFailed(String lane, Exception failure, Instant at) {
        return finding(
                FindingKey.of("agent.lane-failed", lane),
                Severity.ERROR,
                "The agent's " + lane + " work failed and is tried again",
                String.valueOf(failure.getMessage() == null ? failure : failure.getMessage()),
                Remedy.of("Look at the agent's journal.", "journalctl -u farrier"),
                at);
    }

    /** One for each change that waits: what it is, and what holds it. */
    static List<Finding> pending(NodePlan plan, String heldBy, Instant at) {
        List<Finding> findings = new ArrayList<>();
        for (FilePlan file : plan.files()) {
            file.changes().forEach(change -> findings.add(pending(file, change, heldBy, at)));
            file.withheld().forEach(withheld -> findings.add(withheld(file, withheld, at)));
            file.refusal()
                    .ifPresent(reason -> findings.add(
                            notKept("change.refused", file.resource().value(), reason, at)));
        }
        return findings;
    }

    static List<Finding> of(List<Outcome> outcomes) {
        List<Finding> findings = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            String resource = outcome.resource().value();
            outcome.withheld().forEach(withheld -> findings.add(withheld(resource, withheld, outcome.at())));
            switch (outcome.result()) {
                case KEPT, APPLIED -> {}
                case WAITING ->
                    findings.add(finding(
                            FindingKey.of("restart.pending", resource),
                            Severity.WARNING,
                            "Written, but not in effect before a restart: " + resource,
                            outcome.reason().map(Reason::sentence).orElse(""),
                            Remedy.of("Restart the daemon when it suits the node."),
                            outcome.at()));
                case REFUSED -> findings.add(notKept("change.refused", resource, reason(outcome), outcome.at()));
                case DIVERGED, ROLLED_BACK, FAILED ->
                    findings.add(notKept("change.failed", resource, reason(outcome), outcome.at()));
            }
        }
        return findings;
    }

    /** For the journal: {@code docker/daemon.json: applied + live-restore: true}. */
    static String sentence(Outcome outcome) {
        StringBuilder sentence = new StringBuilder(outcome.resource().value()).append(": ");
        sentence.append(outcome.result().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        outcome.done().forEach(change -> sentence.append(' ').append(sentence(change)));
        outcome.withheld()
                .forEach(held -> sentence.append(" (withheld ")
                        .append(sentence(held.change()))
                        .append(')'));
        outcome.reason().ifPresent(reason -> sentence.append(", ").append(reason.sentence()));
        return sentence.toString();
    }

    private static String sentence(Change change) {
        String value =
                change.after().or(change::before).map(text -> ": " + text).orElse("");
        return change.kind().sign() + " " + change.key() + value;
    }

    private static Finding pending(FilePlan file, Change change, String heldBy, Instant at) {
        return finding(
                FindingKey.of("change.pending", about(file.resource().value(), change)),
                Severity.WARNING,
                "Would change " + file.resource() + ": " + described(change),
                heldBy,
                Remedy.of("Look at it, then apply it.", "farrier plan; farrier apply"),
                at);
    }

    private static Finding withheld(FilePlan file, Withheld withheld, Instant at) {
        return withheld(file.resource().value(), withheld, at);
    }

    private static Finding withheld(String resource, Withheld withheld, Instant at) {
        Change change = withheld.change();
        return finding(
                FindingKey.of("change.withheld", about(resource, change)),
                Severity.WARNING,
                "Withheld in " + resource + ": " + described(change),
                withheld.because(),
                Remedy.of("Look at what it would cost.", "farrier plan"),
                at);
    }

    private static Finding notKept(String code, String resource, Reason reason, Instant at) {
        return finding(
                FindingKey.of(code, resource),
                Severity.ERROR,
                "Not kept: " + resource,
                reason.sentence(),
                Remedy.of(reason.todo().isEmpty() ? "Look at the history." : reason.todo(), "farrier plan"),
                at);
    }

    private static Reason reason(Outcome outcome) {
        return outcome.reason()
                .orElse(new Reason("Tried to keep " + outcome.resource(), "it ended as " + outcome.result(), ""));
    }

    private static String about(String resource, Change change) {
        return resource + " " + change.kind().sign() + change.key() + registry(change);
    }

    private static String described(Change change) {
        return change.kind().sign() + " " + change.key() + registry(change);
    }

    /** Tells elements of one list apart. */
    private static String registry(Change change) {
        return change.about().map(host -> " " + host).orElse("");
    }

    private static Finding finding(
            FindingKey key, Severity severity, String title, String detail, Remedy remedy, Instant at) {
        return new Finding(key, severity, title, detail, Optional.of(remedy), Set.of(), at);
    }
}
