package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.image.RegistryHost;
import io.farrier.images.Mirror;
import io.farrier.images.Mirror.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From registry to registry. */
@Command(
        name = "mirror",
        description = "Copy the wanted images, or those of the list files, into another registry. What is there is not"
                + " sent again, and an interrupted run goes on where it was. Exits 3 when one could not be copied.")
final class ImagesMirror extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--to", paramLabel = "HOST", description = "the registry that gets them; must be given")
    Optional<String> to = Optional.empty();

    @Option(
            names = "--registry",
            paramLabel = "HOST",
            description = "read from this registry instead of the images' own")
    Optional<String> registry = Optional.empty();

    @Parameters(paramLabel = "LIST", description = "list files such as rancher-images.txt")
    List<Path> lists = List.of();

    @Override
    public Integer call() throws Exception {
        RegistryHost target =
                to.map(text -> host("--to", text)).orElseThrow(() -> misused("--to is missing: which registry?"));
        Optional<RegistryHost> from = registry.map(text -> host("--registry", text));
        try (Assembly assembly = node.assembly()) {
            Mirror mirror = assembly.mirror();
            List<Mirror.Line> lines = mirror.copy(assembly.wanted(lists), from, target, this::ended);
            show(lines, target, mirror.bytesSent());
            return lines.stream().anyMatch(line -> line.state() == State.FAILED) ? ExitCode.FINDINGS : ExitCode.DONE;
        }
    }

    private void ended(Mirror.Line line) {
        if (!wantsJson()) {
            Screen.Colour ink = line.state() == State.FAILED ? Screen.Colour.RED : Screen.Colour.GREEN;
            screen().line(ink, (word(line) + "  " + line.target() + "  " + line.reason()).strip());
        }
    }

    private static String word(Mirror.Line line) {
        return line.state().name().toLowerCase(Locale.ROOT);
    }

    private void show(List<Mirror.Line> lines, RegistryHost target, long bytes) {
        if (wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("bytes_sent", bytes);
            ArrayNode array = json.putArray("images");
            lines.forEach(line -> array.addObject()
                    .put("reference", line.reference().toString())
                    .put("target", line.target().toString())
                    .put("state", word(line))
                    .put("reason", line.reason()));
            screen().json(json);
            return;
        }
        long there = lines.stream().filter(line -> line.state() != State.FAILED).count();
        screen().line(
                        Screen.Colour.BOLD,
                        there + " of " + lines.size() + " images are in " + target + "; " + Bytes.text(bytes)
                                + " were sent.");
    }
}
