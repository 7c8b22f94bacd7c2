package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.images.Forecast;
import io.farrier.images.ImageKeeper;
import io.farrier.plan.Reason;
import io.farrier.sample.ImageStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The images a node must have. */
@Command(
        name = "images",
        description = "The images this node must have: list them, ask registries for them, pull them,"
                + " carry them where no registry is.")
final class ImagesVerb extends Verb {
    @Override
    public Integer call() {
        throw new ParameterException(
                spec().commandLine(), "'images' needs one of: list, check, pull, save, load, mirror, extract.");
    }

    @Command(
            name = "list",
            description = "List the wanted images and whether they are on this node; exits 3 when one is missing.")
    static final class ListImages extends Verb {
        @Mixin
        NodeOptions node = new NodeOptions();

        @Option(names = "--all", description = "list all images the runtime holds instead")
        boolean all;

        @Override
        public Integer call() throws Exception {
            try (Assembly assembly = node.assembly()) {
                return all
                        ? listAll(assembly.images().held())
                        : show(this, assembly.images().check());
            }
        }

        private int listAll(List<ImageStatus> images) {
            if (wantsJson()) {
                screen().json(Facts.images(images));
                return ExitCode.DONE;
            }
            List<List<String>> rows = new ArrayList<>(List.of(List.of("IMAGE", "ID", "SIZE")));
            images.forEach(
                    image -> rows.add(List.of(image.reference(), shortId(image), Bytes.text(image.sizeBytes()))));
            screen().table(rows);
            return ExitCode.DONE;
        }

        private static String shortId(ImageStatus image) {
            String hex = image.imageId().orElse("").replaceFirst("^sha256:", "");
            return hex.substring(0, Math.min(12, hex.length()));
        }
    }

    @Command(
            name = "check",
            description = "Ask the registries for every wanted image, or for those of the list files, without pulling;"
                    + " exits 3 when one is missing.")
    static final class Check extends Verb {
        @Mixin
        NodeOptions node = new NodeOptions();

        @Option(names = "--registry", paramLabel = "HOST", description = "ask this registry instead of the images' own")
        Optional<String> registry = Optional.empty();

        @Parameters(paramLabel = "LIST", description = "list files such as rancher-images.txt")
        List<Path> lists = List.of();

        @Option(
                names = "--update-lock",
                description = "write what the tags lead to now into the lock file; exits 3 when one could not be seen")
        boolean updateLock;

        @Override
        public Integer call() throws Exception {
            try (Assembly assembly = node.assembly()) {
                List<Forecast.Line> lines =
                        assembly.forecast().of(assembly.wanted(lists), registry.map(text -> host("--registry", text)));
                Optional<Path> lock = updateLock ? Optional.of(update(assembly, lines)) : Optional.empty();
                show(lines, Forecast.toPull(lines, assembly.imagesHere()), lock);
                boolean isMissing =
                        lines.stream().anyMatch(line -> line.isMissing() && !(updateLock && line.isRepointed()));
                return isMissing ? ExitCode.FINDINGS : ExitCode.DONE;
            }
        }

        private static Path update(Assembly assembly, List<Forecast.Line> lines) throws IOException {
            return assembly.lock(assembly.lock().with(Forecast.pins(lines)));
        }

        private void show(List<Forecast.Line> lines, Forecast.ToPull toPull, Optional<Path> lock) {
            if (wantsJson()) {
                ObjectNode json = JsonNodeFactory.instance.objectNode();
                ArrayNode array = json.putArray("images");
                lines.forEach(line -> array.add(json(line)));
                json.put("images_to_pull", toPull.images()).put("bytes_to_pull", toPull.bytes());
                lock.ifPresent(path -> json.put("lock", path.toString()));
                screen().json(json);
                return;
            }
            lines.stream()
                    .filter(Forecast.Line::isMissing)
                    .forEach(line -> screen().line(
                                    Screen.Colour.RED, line.word() + "  " + line.asked() + ": " + line.sentence()));
            long missing = lines.stream().filter(Forecast.Line::isMissing).count();
            screen().line(
                            Screen.Colour.BOLD,
                            lines.size() - missing + " of " + lines.size() + " images can be pulled; "
                                    + Bytes.text(toPull.bytes()) + " of " + toPull.images()
                                    + " images are still to be downloaded.");
            lock.ifPresent(path -> screen().line("The digests are pinned in " + path + "."));
        }

        private static ObjectNode json(Forecast.Line line) {
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("reference", line.reference().toString())
                    .put("asked", line.asked().toString())
                    .put("answer", line.word());
            line.digest().ifPresent(digest -> json.put("digest", digest.value()));
            return json.put("bytes", line.prospect().bytes()).put("sentence", line.sentence());
        }
    }

    @Command(
            name = "pull",
            description =
                    "Pull the wanted images that are missing, with progress; exits 3 when one could not be pulled.")
    static final class Pull extends Verb {
        @Mixin
        NodeOptions node = new NodeOptions();

        @Override
        public Integer call() throws Exception {
            try (Assembly assembly = node.assembly()) {
                Optional<Reason> pause = assembly.pause("Tried to pull images");
                if (pause.isPresent()) {
                    screen().complain(pause.get().sentence());
                    return ExitCode.REFUSED;
                }
                ImageKeeper images = assembly.images();
                long missing = images.check().stream()
                        .filter(image -> !isPresent(image))
                        .count();
                return show(this, images.keep(new PullScreen(screen(), wantsJson(), missing)));
            }
        }
    }

    private static int show(Verb verb, List<ImageStatus> images) {
        if (verb.wantsJson()) {
            verb.screen().json(Facts.images(images));
        } else {
            images.forEach(image -> verb.screen().line(ink(image), line(image)));
            long present = images.stream().filter(ImagesVerb::isPresent).count();
            verb.screen().line(Screen.Colour.BOLD, present + " of " + images.size() + " wanted images are here.");
        }
        return images.stream().allMatch(ImagesVerb::isPresent) ? ExitCode.DONE : ExitCode.FINDINGS;
    }

    private static boolean isPresent(ImageStatus image) {
        return image.state() == ImageStatus.State.PRESENT;
    }

    private static String line(ImageStatus image) {
        String word = image.state().name().toLowerCase(Locale.ROOT);
        return isPresent(image)
                ? word + "  " + image.reference() + "  " + Bytes.text(image.sizeBytes())
                : word + "  " + image.reference() + "  " + image.reason();
    }

    private static Screen.Colour ink(ImageStatus image) {
        return isPresent(image) ? Screen.Colour.GREEN : Screen.Colour.RED;
    }
}
