package io.farrier.cli;

import io.farrier.assembly.CollectorDesk.InstallFile;
import io.farrier.secret.Secret;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The one line that installs and connects a node. Everything it trusts is in it: the key of the collector before a byte
 * is read, the package's SHA-256 before a byte is run. The token goes through a file, never through an argument.
 *
 * @param keyPin as curl's {@code --pinnedpubkey} takes it
 * @param releaseKey whose signature the package must have; empty when none is pinned
 * @param pin SHA-256 of the collector's certificate or its CA's, lower-case hex
 */
record JoinLine(
        URI collector, String keyPin, String pin, InstallFile install, Secret token, Optional<ReleaseKey> releaseKey) {
    /** For a shell of root. Running it twice does no harm: who has joined stays joined. */
    String text() {
        return text("");
    }

    /** @param afterJoining more of the line, with the token in {@code $d/token} */
    private String text(String afterJoining) {
        return "(set -eu; umask 077; d=$(mktemp -d /var/tmp/farrier.XXXXXX); trap 'rm -rf \"$d\"' EXIT;"
                + " printf '%s\\n' " + token.reveal() + " >\"$d/token\";"
                + download("", "farrier.deb")
                + " echo \"" + install.sha256() + "  $d/farrier.deb\" | sha256sum --check --quiet;"
                + releaseKey.map(this::verification).orElse("")
                + " dpkg --force-confold --install \"$d/farrier.deb\";"
                + " farrier join " + collector + " --sha256 " + pin + " --token-file \"$d/token\";" + afterJoining
                + " systemctl enable --quiet farrier; systemctl restart farrier)";
    }

    private String download(String suffix, String into) {
        return " curl -ksSf --retry 5 --retry-connrefused --max-time 600 --pinnedpubkey '" + keyPin + "' -o \"$d/"
                + into + "\" " + collector + "/packages/" + install.name() + suffix + ";";
    }

    private String verification(ReleaseKey key) {
        String lines = key.pem().stream().map(line -> "'" + line + "'").collect(Collectors.joining(" "));
        return download(".sig", "sig")
                + " printf '%s\\n' " + lines + " >\"$d/key\";"
                + " openssl dgst -sha256 -verify \"$d/key\" -signature \"$d/sig\" \"$d/farrier.deb\" >/dev/null"
                + " || { echo \"" + install.name()
                + " was not signed by the release key; nothing was installed\" >&2; exit 1; };";
    }

    /**
     * Takes the token, which is used up or will be, out of what cloud-init keeps of the user-data; byte for byte as long as
     * before, because some of it is pickled. The datasource itself is not ours to change. Written once more for grep:
     * {@code farrier join} deletes the token's file.
     */
    private String scrub() {
        String stars = "x".repeat(token.reveal().length());
        return " printf 's,%s,%s,g\\n' " + token.reveal() + " " + stars + " >\"$d/scrub\";"
                + " printf '%s\\n' " + token.reveal() + " >\"$d/used\";"
                + " { grep -rlZFf \"$d/used\" /var/lib/cloud /run/cloud-init 2>/dev/null || true; }"
                + " | xargs -0r sed -i -f \"$d/scrub\";";
    }

    /** {@code set +x}: cloud-init's log can be read by the node's pods, as the user-data can. */
    String userData() {
        return "#cloud-config\n# Can be read by the node's pods: the token in it can join, once or as often as it was made"
                + " for, and nothing else.\nruncmd:\n  - |\n    set +x\n    " + text(scrub()) + "\n";
    }
}
