package io.farrier.cli;

import io.farrier.agent.JoinRefusedException;
import io.farrier.assembly.Joining;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "join",
        description =
                "Connect this node to a collector: a join token, made there by 'farrier collector invite', buys a token of"
                        + " this node's own. Restart the agent afterwards. The token's file is deleted.")
final class JoinVerb extends Verb {
    private static final int MAX_TOKEN_BYTES = 1024;
    private static final Duration ASK_EVERY = Duration.ofSeconds(5);

    @Parameters(paramLabel = "URL", description = "the collector: https://collector.example:8470")
    URI url = URI.create("");

    @Option(
            names = "--sha256",
            paramLabel = "HEX",
            defaultValue = "",
            description =
                    "of its certificate or its CA's, as it says at its start: it is told nothing before it shows it")
    String sha256 = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "",
            description = "file with the join token, or - for stdin")
    String tokenFile = "";

    /** Taken, so that it can be refused with a better sentence than picocli's. */
    @Option(names = "--token", hidden = true, defaultValue = "")
    String token = "";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "call this node so (default: node.name, or its host name)")
    Optional<String> name = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "how long to wait for a collector that cannot be reached or an operator who must say yes"
                    + " (default: 10m)")
    String timeout = "10m";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/farrier/farrier.yaml",
            description = "the node's configuration (default: /etc/farrier/farrier.yaml)")
    Path config = Path.of("/etc/farrier/farrier.yaml");

    @Override
    public Integer call() throws Exception {
        checkUsage();
        Secret joinToken = readToken();
        try (Joining joining = new Joining(config)) {
            if (joining.isJoined(url, sha256)) {
                screen().line("This node reports to " + url + " already.");
            } else {
                joining.keep(url, sha256, name, await(joining, joinToken));
                screen().line("Joined " + url + ". Restart the agent: systemctl restart farrier");
            }
            forgetToken();
            return ExitCode.DONE;
        } catch (JoinRefusedException refused) {
            Complaint.of(refused).forEach(screen()::complain);
            return ExitCode.REFUSED;
        }
    }

    private void checkUsage() {
        if (!token.isEmpty()) {
            throw misused(
                    "--token: every user of this node could read it in the process list. Use --token-file FILE, or"
                            + " --token-file - and stdin.");
        }
        if (tokenFile.isEmpty()) {
            throw misused("--token-file is missing.");
        }
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || !url.getPath().isEmpty()) {
            throw misused("URL: '" + url + "' is no address such as https://collector.example:8470.");
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw misused("--sha256: expected 64 hex digits in lower case.");
        }
        if (name.filter(called -> !called.matches("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"))
                .isPresent()) {
            throw misused("--name: expected a node name, as [a-z0-9.-] with a letter or digit at both ends.");
        }
    }

    /** Until the collector has said yes or no, or the time is over. */
    private Secret await(Joining joining, Secret joinToken) throws IOException, InterruptedException {
        long end = System.nanoTime() + duration().toNanos();
        String said = "";
        while (true) {
            String now;
            try {
                Optional<Secret> own = joining.ask(url, sha256, name, joinToken);
                if (own.isPresent()) {
                    return own.get();
                }
                now = "The collector " + url + " waits for its operator to let this node in.";
            } catch (JoinRefusedException no) {
                throw no;
            } catch (IOException notYet) {
                now = String.valueOf(notYet.getMessage());
            }
            if (System.nanoTime() + ASK_EVERY.toNanos() > end) {
                throw new IOException(now + " Gave up after " + timeout + "; the same command goes on.");
            }
            if (!now.equals(said)) {
                screen().complain(now);
                said = now;
            }
            Thread.sleep(ASK_EVERY.toMillis());
        }
    }

    private Duration duration() {
        try {
            return Durations.parse(timeout);
        } catch (IllegalArgumentException wrong) {
            throw misused("--timeout: " + wrong.getMessage() + ".");
        }
    }

    private Secret readToken() throws IOException {
        byte[] bytes;
        try (InputStream in = isStdin() ? System.in : Files.newInputStream(Path.of(tokenFile))) {
            bytes = in.readNBytes(MAX_TOKEN_BYTES);
        }
        String text = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (!text.matches("[!-~]{16,256}")) {
            throw new IOException("Tried to read the join token from " + (isStdin() ? "stdin" : tokenFile)
                    + ", but there is none: expected one line of 16 to 256 visible characters.");
        }
        return Secret.of(text);
    }

    private void forgetToken() throws IOException {
        if (!isStdin()) {
            Files.deleteIfExists(Path.of(tokenFile));
        }
    }

    private boolean isStdin() {
        return tokenFile.equals("-");
    }
}
