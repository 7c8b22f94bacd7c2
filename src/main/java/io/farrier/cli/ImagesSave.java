package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.image.Platform;
import io.farrier.image.RegistryHost;
import io.farrier.images.ArchiveSaver;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From registries into one archive. */
@Command(
        name = "save",
        description = "Save the wanted images, or those of the list files, from their registries into one archive that"
                + " 'docker load', 'ctr images import', skopeo and k3s read. An interrupted run goes on where it was."
                + " Exits 3, and writes nothing, when an image is missing.")
final class ImagesSave extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--to", paramLabel = "FILE", description = "the archive, such as images.tar; must be given")
    Optional<Path> to = Optional.empty();

    @Option(
            names = "--registry",
            paramLabel = "HOST",
            description = "read from this registry instead of the images' own; their names stay")
    Optional<String> registry = Optional.empty();

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "for nodes of another kind, such as linux/arm64 (default: as this one)")
    Optional<String> platform = Optional.empty();

    @Parameters(paramLabel = "LIST", description = "list files such as rancher-images.txt")
    List<Path> lists = List.of();

    @Override
    public Integer call() throws Exception {
        Path target = to.orElseThrow(() -> misused("--to is missing: which file?"));
        try (Assembly assembly = node.assembly()) {
            Platform wanted = platform.map(this::platform).orElseGet(Platform::ofThisNode);
            Optional<RegistryHost> from = registry.map(host -> host("--registry", host));
            TransferLine line = new TransferLine(screen(), wantsJson());
            ArchiveSaver.Saved saved =
                    assembly.saver(wanted).save(assembly.wanted(lists), from, target.toAbsolutePath(), line::reached);
            line.end();
            show(target, saved);
            return saved.failures().isEmpty() ? ExitCode.DONE : ExitCode.FINDINGS;
        }
    }

    private Platform platform(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw misused("--platform must be OS/ARCH, such as linux/arm64, but is '" + text + "'.");
        }
        return new Platform(parts[0], parts[1]);
    }

    private void show(Path target, ArchiveSaver.Saved saved) {
        if (wantsJson()) {
            screen().json(json(target, saved));
            return;
        }
        saved.failures()
                .forEach((reference, why) -> screen().line(Screen.Colour.RED, "missing  " + reference + "  " + why));
        if (saved.failures().isEmpty()) {
            screen().line(
                            Screen.Colour.BOLD,
                            saved.images() + " images are in " + target + " (" + Bytes.text(saved.bytes()) + ").");
        } else {
            screen().line(
                            Screen.Colour.BOLD,
                            saved.failures().size() + " images cannot be saved; nothing was written.");
        }
    }

    private static ObjectNode json(Path target, ArchiveSaver.Saved saved) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("archive", target.toString())
                .put("images", saved.images())
                .put("bytes", saved.bytes());
        ArrayNode failures = json.putArray("failures");
        saved.failures()
                .forEach((reference, why) -> failures.addObject()
                        .put("reference", reference.toString())
                        .put("reason", why));
        return json;
    }
}
