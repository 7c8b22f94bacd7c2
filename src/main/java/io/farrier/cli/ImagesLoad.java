package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.images.ArchiveLoader;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** From an archive into the node. */
@Command(
        name = "load",
        description = "Load the wanted images of an archive into this node's runtime. The archive is read whole and"
                + " checked first: if anything in it is damaged or does not fit, nothing is imported.")
final class ImagesLoad extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--all", description = "load every image of the archive, not only what the configuration wants")
    boolean all;

    @Option(
            names = "--agent-images",
            description = "put it into the folder from which k3s or RKE2 import at every start, instead of the runtime")
    boolean agentImages;

    @Option(names = "--into", paramLabel = "DIR", description = "as --agent-images, into this folder")
    Optional<Path> into = Optional.empty();

    @Parameters(
            paramLabel = "ARCHIVE",
            arity = "0..1",
            description = "plain, gzip or zstd, from farrier, docker save, ctr, skopeo, k3s or RKE2; must be given")
    Optional<Path> archive = Optional.empty();

    @Override
    public Integer call() throws Exception {
        Path file = archive.orElseThrow(() -> misused("ARCHIVE is missing: which one?"))
                .toAbsolutePath();
        try (Assembly assembly = node.assembly()) {
            Optional<Path> folder = into.or(() -> agentImages ? Optional.of(folderOf(assembly)) : Optional.empty());
            ArchiveLoader.Loaded loaded = folder.isPresent()
                    ? assembly.loader().copyTo(folder.get(), file, all)
                    : assembly.loader().load(file, all);
            show(loaded);
            return ExitCode.DONE;
        }
    }

    private Path folderOf(Assembly assembly) {
        try {
            return assembly.agentImages()
                    .orElseThrow(() -> misused(
                            "--agent-images: this node has neither k3s nor RKE2; name a folder with" + " --into."));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void show(ArchiveLoader.Loaded loaded) {
        if (wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            ArrayNode here = json.putArray("loaded");
            loaded.loaded().forEach(reference -> here.add(reference.toString()));
            ArrayNode others = json.putArray("passed_over");
            loaded.passedOver().forEach(reference -> others.add(reference.toString()));
            screen().json(json);
            return;
        }
        loaded.loaded().forEach(reference -> screen().line(Screen.Colour.GREEN, "loaded  " + reference));
        loaded.passedOver().forEach(reference -> screen().line("not wanted  " + reference));
        String rest = loaded.passedOver().isEmpty()
                ? ""
                : "; " + loaded.passedOver().size() + " more are not on this node's list (--all loads them, too)";
        screen().line(Screen.Colour.BOLD, loaded.loaded().size() + " images loaded" + rest + ".");
    }
}
