package io.farrier.check;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.InvalidConfigException;
import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Remedy;
import io.farrier.finding.Severity;
import io.farrier.image.RegistryHost;
import io.farrier.node.Pause;
import io.farrier.node.SafeMode;
import io.farrier.pki.Certificate;
import io.farrier.pki.ServerChain;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import io.farrier.sample.ImageStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Every finding farrier can make, as its operator reads it. A code that was once used means the same for ever. */
public final class Catalogue {
    static final FindingKey RUNTIME_UNREACHABLE = FindingKey.of("runtime.unreachable");

    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration VERY_SOON = Duration.ofDays(7);
    private static final int SHORT_FINGERPRINT = 12;

    private Catalogue() {}

    static Finding unchecked(String check, String because, Set<FindingKey> causes, Instant now) {
        return new Finding(
                FindingKey.of("check.unknown", check),
                Severity.UNKNOWN,
                "Could not check " + check,
                because,
                Optional.empty(),
                causes,
                now);
    }

    /** @param pause that is on */
    public static Finding paused(Pause pause, Instant now) {
        return finding(
                FindingKey.of("agent.paused"),
                Severity.WARNING,
                "This node is paused: farrier changes nothing",
                pause.sentence() + ".",
                Remedy.of("End it when its reason is over.", "farrier resume"),
                now);
    }

    /** @param on what the agent is in */
    public static Finding safeMode(SafeMode on, Instant now) {
        return finding(
                FindingKey.of("agent.safe-mode"),
                Severity.ERROR,
                "The agent is in safe mode: it reports and changes nothing by itself",
                on.because() + ". Since " + on.since() + ".",
                Remedy.of(
                        "Find out why ('journalctl -u farrier', 'farrier history'), look at 'farrier plan', then let it go on.",
                        "farrier resume"),
                now);
    }

    /** @param rejected the whole report, or why the files could not be read */
    public static Finding configRejected(IOException rejected, Instant now) {
        return finding(
                FindingKey.of("config.rejected"),
                Severity.ERROR,
                rejected instanceof InvalidConfigException invalid
                        ? "The configuration has " + count(invalid.problems().size(), "mistake")
                        : "The configuration cannot be read",
                message(rejected),
                Remedy.of("Correct it; an agent that runs keeps to the last good one.", "farrier config check"),
                now);
    }

    /** @param parts of the configuration that changed after the agent had begun with them; none is no finding */
    public static List<Finding> waitForRestart(List<String> parts, Instant now) {
        if (parts.isEmpty()) {
            return List.of();
        }
        return List.of(finding(
                FindingKey.of("config.needs-restart"),
                Severity.WARNING,
                "A part of the configuration waits for a restart of the agent",
                String.join(", ", parts) + " changed since it started, and it goes on with what it started with.",
                Remedy.of("Restart it; no container is touched.", "systemctl restart farrier"),
                now));
    }

    public static Finding runtimeUnreachable(String unit, IOException because, Instant now) {
        return finding(
                RUNTIME_UNREACHABLE,
                Severity.ERROR,
                "The container runtime does not answer",
                message(because),
                Remedy.of("Start it; farrier goes on by itself once it answers.", "systemctl status " + unit),
                now);
    }

    static Finding filesForgotten(Path folder, String because, Instant now) {
        return finding(
                FindingKey.of("node.forgets-files", folder.toString()),
                Severity.WARNING,
                "What farrier writes to " + folder + " is gone after the next start of this node",
                because + ". The agent writes it again when it runs; the runtime may start before that, without it.",
                Remedy.of("Write it into the image that this node starts from: 'farrier apply --root DIR'."),
                now);
    }

    static Finding insecureByConfiguration(RegistryHost host, Instant now) {
        return finding(
                FindingKey.of("registry.insecure", host),
                Severity.WARNING,
                host + " is used without a check of its certificate",
                "'insecure: true' in the configuration: everyone on the way can change the images this node runs.",
                Remedy.of("Give it a certificate, name its CA under 'ca', and remove 'insecure'."),
                now);
    }

    static Finding loginIsNotTheKubelets(RegistryHost host, long images, Instant now) {
        return finding(
                FindingKey.of("registry.login-not-the-kubelets", host),
                Severity.INFO,
                "The kubelet has no login for " + host + " from farrier",
                images
                        + " kept images come from there with 'auth', which serves farrier's own pulls only: a pod whose image"
                        + " is not on the node yet is pulled with the kubelet's logins.",
                Remedy.of("Give the pods an imagePullSecret, or RKE the registry under 'private_registries'."),
                now);
    }

    static Finding plainMirror(RegistryHost host, Instant now) {
        return finding(
                FindingKey.of("registry.insecure", host),
                Severity.WARNING,
                host + " is used over plain HTTP",
                "A mirror's endpoint begins with http://: everyone on the way can change the images this node runs.",
                Remedy.of("Give it a certificate, and let the endpoint begin with https://."),
                now);
    }

    static Finding insecureInRuntime(String entry, Instant now) {
        return finding(
                FindingKey.of("registry.insecure", entry),
                Severity.WARNING,
                entry + " is used without a check of its certificate",
                "It is in the runtime's own insecure registries, not through farrier's configuration:"
                        + " everyone on the way can change the images this node runs.",
                Remedy.of("Find who put it there, name the registry's CA in farrier.yaml, then take it out."),
                now);
    }

    /** @param owner whose CA it is: a registry's host, or {@code the collector} */
    static Finding caExpires(String owner, Certificate ca, Instant now) {
        Duration left = Duration.between(now, ca.notAfter());
        FindingKey key =
                FindingKey.of("ca.expires", owner + " " + ca.fingerprint().substring(0, SHORT_FINGERPRINT));
        if (left.isNegative()) {
            return finding(
                    key,
                    Severity.CRITICAL,
                    "The CA '" + ca.subject() + "' of " + owner + " has expired",
                    "It expired " + ca.notAfter() + ": what it signed is no longer trusted.",
                    Remedy.of("Name the new CA under 'ca'; ask for it where the old one came from."),
                    now);
        }
        return finding(
                key,
                expirySeverity(left),
                "The CA '" + ca.subject() + "' of " + owner + " expires in " + count(left.toDays(), "day"),
                "It expires " + ca.notAfter() + "; from then on what it signed is not trusted.",
                Remedy.of("List the next CA beside it under 'ca' now, so that both are trusted while servers move."),
                now);
    }

    /** @param chain that a server of this registry shows */
    static Finding caNotCovering(RegistryHost host, List<Certificate> listed, ServerChain chain, Instant now) {
        return finding(
                FindingKey.of("ca.served-chain-not-covered", host),
                Severity.ERROR,
                "The CAs that are configured for " + host + " do not vouch for what it serves",
                "It shows a certificate of '" + chain.leaf().subject() + "', signed by '" + chain.lastIssuer()
                        + "'; configured: "
                        + String.join(
                                ", ", listed.stream().map(Certificate::summary).toList())
                        + ". A node that has only these cannot pull from it.",
                Remedy.of(
                        "Add the CA that signed it to 'ca', beside the others; is it not expected, ask who runs the"
                                + " registry first.",
                        "farrier certs show " + host),
                now);
    }

    /**
     * @param days with a whole look that did not need it
     * @param lastUsed empty when it never was, as long as farrier looks
     */
    static Finding caRemovable(RegistryHost host, Certificate ca, int days, Optional<LocalDate> lastUsed, Instant now) {
        return finding(
                FindingKey.of("ca.removable", host + " " + ca.fingerprint().substring(0, SHORT_FINGERPRINT)),
                Severity.INFO,
                "Nothing at " + host + " has needed the CA '" + ca.subject() + "' for " + count(days, "day"),
                "On each of them this node saw the registry, its token server and where its blobs are, and other CAs"
                        + " vouch for all of it. It was "
                        + lastUsed.map(day -> "last of use on " + day).orElse("never of use since it is configured")
                        + "; it lasts until " + LocalDate.ofInstant(ca.notAfter(), ZoneOffset.UTC) + ".",
                Remedy.of("Take it out of 'ca' once no node says otherwise, then look at what goes.", "farrier plan"),
                now);
    }

    /** @param cause when it is known */
    static Finding registryUntrusted(
            Registry registry, RegistryQuestion.Verdict verdict, Optional<FindingKey> cause, Instant now) {
        return new Finding(
                FindingKey.of("registry.untrusted", registry.host()),
                Severity.ERROR,
                "This node cannot pull from " + registry.host(),
                verdict.sentence(),
                Optional.of(Remedy.of("Mend what the sentence names, then look again.", "farrier doctor")),
                cause.map(Set::of).orElse(Set.of()),
                now);
    }

    static Finding registryUnknown(Registry registry, RegistryQuestion.Verdict verdict, Instant now) {
        return finding(
                FindingKey.of("registry.unknown", registry.host()),
                Severity.UNKNOWN,
                "Whether this node trusts " + registry.host() + " could not be seen",
                verdict.sentence(),
                Remedy.of("Look whether the registry runs and can be reached from here, then look again."),
                now);
    }

    static Finding imageMissing(ImageStatus image, Instant now) {
        return finding(
                FindingKey.of("image.missing", image.reference()),
                Severity.ERROR,
                image.reference() + " is not on this node",
                image.reason().isEmpty() ? "A pod that needs it would have to pull it first." : image.reason(),
                Remedy.of("Pull what is missing.", "farrier images pull"),
                now);
    }

    static Finding moreImagesMissing(int more, Instant now) {
        return finding(
                FindingKey.of("image.missing"),
                Severity.ERROR,
                count(more, "more image") + " not on this node",
                "Only the first are listed one by one.",
                Remedy.of("See them all.", "farrier images check"),
                now);
    }

    static Finding imagesUnknown(int unknown, Instant now) {
        return finding(
                FindingKey.of("image.unknown"),
                Severity.UNKNOWN,
                "Whether " + count(unknown, "wanted image") + " can be found on this node is not known",
                "The runtime did not say.",
                Remedy.of("Look at the runtime.", "farrier status"),
                now);
    }

    /** All that a plan would do, holds back or refuses: one finding each. */
    public static List<Finding> changes(NodePlan plan, Instant now) {
        List<Finding> findings = new ArrayList<>();
        for (FilePlan file : plan.files()) {
            if (file.isWaiting()) {
                file.waitsFor().ifPresent(reason -> findings.add(restartPending(file.resource(), reason, now)));
            } else {
                file.changes().forEach(change -> findings.add(changePending(file.resource(), change, now)));
            }
            file.withheld().forEach(held -> findings.add(changeWithheld(file.resource(), held, now)));
            file.refusal().ifPresent(reason -> findings.add(changeRefused(file.resource(), reason, now)));
        }
        return findings;
    }

    /** What a change left open: one finding each. */
    public static List<Finding> outcomes(List<Outcome> outcomes) {
        List<Finding> findings = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            outcome.withheld().forEach(held -> findings.add(changeWithheld(outcome.resource(), held, outcome.at())));
            Reason reason = outcome.reason()
                    .orElseGet(() -> new Reason("Tried to keep " + outcome.resource(), "nobody said why.", ""));
            switch (outcome.result()) {
                case KEPT, APPLIED, PROVEN -> {}
                case WAITING -> findings.add(restartPending(outcome.resource(), reason, outcome.at()));
                case REFUSED -> findings.add(changeRefused(outcome.resource(), reason, outcome.at()));
                case UNPROVEN -> findings.add(registryUnproven(outcome.resource(), reason, outcome.at()));
                case DIVERGED, ROLLED_BACK, FAILED ->
                    findings.add(changeFailed(outcome.resource(), reason, outcome.at()));
            }
        }
        return findings;
    }

    /**
     * @param from the version of farrier that left the node as it is
     * @param plan what an order would do
     */
    public static Finding upgradeWouldChange(String from, String to, NodePlan plan, Instant now) {
        List<String> changes = plan.files().stream()
                .flatMap(file -> file.changes().stream().map(change -> difference(file.resource(), change)))
                .toList();
        return finding(
                FindingKey.of("upgrade.would-change"),
                Severity.WARNING,
                "farrier " + to + " would change this node, which " + from + " left alone",
                "Neither the configuration nor the node has changed; the new version waits with: "
                        + (changes.isEmpty() ? "what it cannot plan now" : String.join("; ", changes)) + ".",
                Remedy.of("Look at it with 'farrier plan', then do it.", "farrier apply"),
                now);
    }

    private static String difference(ResourceName resource, Change change) {
        return change.kind().sign() + " " + resource + " " + change.key()
                + change.about().map(host -> " for " + host).orElse("") + ": "
                + change.before().orElse("nothing") + " -> " + change.after().orElse("nothing");
    }

    public static Finding laneFailed(String lane, Exception failure, Instant now) {
        return finding(
                FindingKey.of("agent.lane-failed", lane),
                Severity.ERROR,
                "The agent's " + lane + " work failed and is tried again",
                message(failure),
                Remedy.of("Look at the agent's journal.", "journalctl -u farrier"),
                now);
    }

    /** @param damage clauses that name the files */
    public static Finding stateDamaged(List<String> damage, Instant now) {
        return finding(
                FindingKey.of("agent.state-damaged"),
                Severity.WARNING,
                "What the agent keeps on its disk was damaged when it started",
                "Damaged: " + String.join("; ", damage) + ". It goes on without them.",
                Remedy.of("Look at the disk ('dmesg'). This is said until the agent is started again."),
                now);
    }

    /** @param because what it costs, what it may, and what was given up; without a full stop */
    public static Finding overBudget(String because, Instant now) {
        return finding(
                FindingKey.of("agent.over-budget"),
                Severity.WARNING,
                "The agent costs this node more than its budget and has given up work",
                because + ".",
                Remedy.of(
                        "See what keeps it busy ('farrier status', 'journalctl -u farrier'); raise 'budget' if it is worth it."),
                now);
    }

    /** @param rule by its name; its text is the owner's own */
    public static Finding redactionOff(String rule, Instant now) {
        return finding(
                FindingKey.of("logs.redaction-off", rule),
                Severity.ERROR,
                "Log lines leave this node without the redaction rule " + rule,
                "It took too many steps on a line; that line left the node as stars, and the rule is not used since.",
                Remedy.of("Write it without a repetition that may run on and find nothing, then restart the agent."),
                now);
    }

    /** @param containers some of those in scope */
    public static Finding noLogFile(List<String> containers, Instant now) {
        return finding(
                FindingKey.of("logs.no-file", "driver"),
                Severity.WARNING,
                "Lines of " + String.join(", ", containers) + " are not shipped",
                "Their logging driver leaves no file, and Docker keeps nothing that could be read ('none'), or there are more"
                        + " such containers than are followed.",
                Remedy.of("Run them with the driver json-file, or leave them out by logs.exclude."),
                now);
    }

    /** @param files how many are held so */
    public static Finding heldByDescriptor(int files, Instant now) {
        return finding(
                FindingKey.of("logs.hold", "descriptor-only"),
                Severity.INFO,
                files + " log file(s) are held by descriptors only",
                "No link beside them could be made, or may be made in this mode: if the agent is killed while such a file"
                        + " is rotated away, lines that were not shipped yet are lost, and declared lost.",
                Remedy.of(
                        "Use mode keep, and have farrier's hold folder on the mount of the logs: 'farrier-held' beside"
                                + " their folder."),
                now);
    }

    private static Finding restartPending(ResourceName resource, Reason reason, Instant now) {
        return finding(
                FindingKey.of("restart.pending", resource),
                Severity.WARNING,
                resource + " is written, and not in effect before a restart",
                reason.tried() + ": " + reason.saw(),
                Remedy.of(reason.todo().isEmpty() ? "Restart the daemon when it suits the node." : reason.todo()),
                now);
    }

    private static Finding registryUnproven(ResourceName resource, Reason reason, Instant now) {
        String registry = resource.value().substring(resource.value().indexOf('/') + 1);
        return finding(
                FindingKey.of("registry.unproven", registry),
                Severity.ERROR,
                "The change for " + registry + " is made, and this node could not pull from it",
                reason.tried() + ": " + reason.saw(),
                Remedy.of("Mend what it says; the next change is proven again.", "farrier probe " + registry),
                now);
    }

    private static Finding changeFailed(ResourceName resource, Reason reason, Instant now) {
        return finding(
                FindingKey.of("change.failed", resource),
                Severity.ERROR,
                resource + " could not be kept",
                reason.tried() + ": " + reason.saw(),
                Remedy.of(reason.todo().isEmpty() ? "Look at what it would do." : reason.todo(), "farrier plan"),
                now);
    }

    private static Finding changePending(ResourceName resource, Change change, Instant now) {
        return finding(
                FindingKey.of("change.pending", about(resource, change)),
                Severity.WARNING,
                sentence(resource, change),
                change.consequence()
                        .map(cost -> "It takes a "
                                + cost.action().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " of "
                                + cost.daemon() + ": " + cost.because())
                        .orElse("It is in effect as soon as it is written."),
                Remedy.of("Look at it with 'farrier plan', then do it.", "farrier apply"),
                now);
    }

    private static Finding changeWithheld(ResourceName resource, Withheld withheld, Instant now) {
        String stops =
                withheld.wouldStop().isEmpty() ? "" : " It would stop " + String.join(", ", withheld.wouldStop()) + ".";
        return finding(
                FindingKey.of("change.withheld", about(resource, withheld.change())),
                Severity.WARNING,
                sentence(resource, withheld.change()) + ", and is held back",
                withheld.because() + stops,
                Remedy.of("Look at it.", "farrier plan"),
                now);
    }

    private static Finding changeRefused(ResourceName resource, Reason reason, Instant now) {
        return finding(
                FindingKey.of("change.refused", resource),
                Severity.ERROR,
                resource + " is left alone",
                reason.tried() + ": " + reason.saw(),
                Remedy.of(reason.todo().isEmpty() ? "Mend the file, then look again." : reason.todo(), "farrier plan"),
                now);
    }

    /** What an exception says, or at least what it is. */
    static String message(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    }

    private static Severity expirySeverity(Duration left) {
        if (left.compareTo(VERY_SOON) <= 0) {
            return Severity.ERROR;
        }
        return left.compareTo(SOON) <= 0 ? Severity.WARNING : Severity.INFO;
    }

    private static String about(ResourceName resource, Change change) {
        // Elements of one list are told apart by the registry they are for.
        String registry = change.about().map(host -> " " + host).orElse("");
        return resource + " " + change.kind().sign() + change.key() + registry;
    }

    private static String sentence(ResourceName resource, Change change) {
        String registry = change.about().map(host -> " for " + host).orElse("");
        String what = "'" + change.key() + "' in " + resource + registry;
        return switch (change.kind()) {
            case ADD -> what + " is missing";
            case CHANGE -> what + " is not as configured";
            case REMOVE -> what + " is no longer wanted";
        };
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static Finding finding(
            FindingKey key, Severity severity, String title, String detail, Remedy remedy, Instant now) {
        return new Finding(key, severity, title, detail, Optional.of(remedy), Set.of(), now);
    }
}
