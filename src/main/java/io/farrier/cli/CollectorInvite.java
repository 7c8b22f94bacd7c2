package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.CollectorDesk;
import io.farrier.collector.identity.Invitation;
import io.farrier.collector.identity.Joins;
import io.farrier.collector.identity.Network;
import io.farrier.collector.identity.ServerCertificate;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "invite",
        description =
                "Make a join token, and print the one line that installs farrier on a node and connects it. Put the"
                        + " package into the collector's 'packages' folder first.")
final class CollectorInvite extends Verb {
    @Mixin
    CollectorOptions collector = new CollectorOptions();

    @Option(
            names = "--valid",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "how long one can join by it: 30m, 4h, 2d (default: 1h)")
    String valid = "1h";

    @Option(
            names = "--uses",
            paramLabel = "N",
            defaultValue = "1",
            description = "how many nodes can join by it (default: 1)")
    int uses = 1;

    @Option(
            names = "--nodes",
            paramLabel = "PATTERN",
            defaultValue = "*",
            description = "which names they may have: 'worker-*' (default: any)")
    String nodes = "*";

    @Option(names = "--from", paramLabel = "CIDR", description = "from which network they must come: 10.0.0.0/8")
    Optional<String> from = Optional.empty();

    @Option(names = "--approval", description = "each node waits for 'farrier collector approve NODE'")
    boolean approval;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "how nodes reach this collector (default: https://NAME:PORT of its configuration)")
    Optional<String> url = Optional.empty();

    @Option(
            names = "--arch",
            paramLabel = "ARCH",
            defaultValue = "amd64",
            description = "which package: amd64 or arm64 (default: amd64)")
    String architecture = "amd64";

    @Option(
            names = "--release-key",
            paramLabel = "FILE",
            description =
                    "public key (PEM, elliptic curve) that must have signed the package: checked here, and by the line"
                            + " on the node; the signature lies beside the package as NAME.deb.sig")
    Optional<Path> releaseKey = Optional.empty();

    @Option(names = "--user-data", description = "print a #cloud-config with the line instead")
    boolean userData;

    @Override
    public Integer call() throws Exception {
        Invitation.Terms terms = terms();
        CollectorDesk desk = collector.desk();
        Optional<CollectorDesk.InstallFile> install = desk.newestPackage(architecture);
        if (install.isEmpty()) {
            screen().complain("Looked for farrier_VERSION_" + architecture + ".deb in " + desk.packages()
                    + ", but there is none. Copy the package there first: the line carries its SHA-256.");
            return ExitCode.ERROR;
        }
        if (releaseKey.isEmpty()) {
            screen().complain("Without --release-key nobody vouches for "
                    + install.get().name() + " in " + desk.packages()
                    + ": the node installs what lies there now. Name the key of whoever released it, and the line takes"
                    + " nothing that it did not sign.");
        }
        Optional<ReleaseKey> signer =
                signer(desk.packages().resolve(install.get().name()));
        URI address = address(desk);
        ServerCertificate certificate = desk.certificate();
        Joins.Issued issued = desk.joins().invite(terms);
        JoinLine line =
                new JoinLine(address, certificate.keyPin(), certificate.pin(), install.get(), issued.token(), signer);
        if (wantsJson()) {
            screen().json(json(issued, line));
        } else if (userData) {
            screen().raw(line.userData());
        } else {
            print(issued, line);
        }
        return ExitCode.DONE;
    }

    private Optional<ReleaseKey> signer(Path install) throws IOException {
        if (releaseKey.isEmpty()) {
            return Optional.empty();
        }
        ReleaseKey key = ReleaseKey.read(releaseKey.get());
        key.check(install);
        return Optional.of(key);
    }

    private Invitation.Terms terms() {
        try {
            return new Invitation.Terms(Durations.parse(valid), uses, nodes, from.map(Network::parse), approval);
        } catch (IllegalArgumentException wrong) {
            throw misused(wrong.getMessage() + ".");
        }
    }

    private URI address(CollectorDesk desk) {
        URI address = URI.create(url.orElse(desk.address()));
        if (!"https".equals(address.getScheme())
                || address.getHost() == null
                || !address.getPath().isEmpty()) {
            throw misused("--url: '" + address + "' is no address such as https://collector.example:8470.");
        }
        return address;
    }

    private void print(Joins.Issued issued, JoinLine line) {
        Invitation invitation = issued.invitation();
        screen().line("Invitation " + invitation.id() + " for " + invitation.uses() + " node(s) named "
                + invitation.nodes() + ", until " + invitation.expires()
                + ". The token in it can join and nothing else; it is shown this once.");
        screen().line("The collector's certificate (SHA-256): " + line.pin());
        line.releaseKey().ifPresent(key -> screen().line("The release key (SHA-256): " + key.fingerprint()));
        screen().line("As root on the node:");
        screen().blank();
        screen().raw(line.text() + "\n");
    }

    private static ObjectNode json(Joins.Issued issued, JoinLine line) {
        Invitation invitation = issued.invitation();
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", invitation.id())
                .put("expires", invitation.expires().toString())
                .put("uses", invitation.uses())
                .put("nodes", invitation.nodes())
                .put("approval", invitation.approval())
                .put("token", issued.token().reveal())
                .put("sha256", line.pin())
                .put("line", line.text());
    }
}
