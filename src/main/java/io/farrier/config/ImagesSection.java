package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.withDefault;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code images}. */
final class ImagesSection {
    private static final int MAX_PARALLEL_PULLS = 16;

    static final Property<RegistryHost> SYSTEM_DEFAULT_REGISTRY = optional(
            "system_default_registry",
            ScalarType.registryHost(),
            "The registry that Rancher puts before the names of its own images.");
    static final Property<List<Reference>> KEEP =
            optional("keep", ListType.of(ScalarType.reference()), "Images that must be on this node.");
    static final Property<List<ListFiles.Found>> LISTS = optional(
            "lists",
            ListType.of(new ListFiles()),
            "Files with one image a line, or globs of them, below the configuration's folder.");
    static final Property<List<String>> PROFILES = optional(
            "profiles", ListType.of(ScalarType.choice(FarrierYaml.PROFILES)), "Built-in lists to keep as well.");
    static final Property<Mode> MODE =
            optional("mode", ScalarType.choice(Mode.class), "Overrides the node's mode for images.");
    static final Property<Integer> PARALLEL = withDefault(
            "parallel", ScalarType.integer(1, MAX_PARALLEL_PULLS), "3", "How many images are pulled at a time.");

    static final Property<List<RegistryHost>> FALLBACKS = optional(
            "fallbacks",
            ListType.of(ScalarType.registryHost()),
            "Registries that are asked, in order, for an image that its own registry does not give.");
    static final Property<Path> LOCK = withDefault(
            "lock",
            new BesideConfiguration(),
            "images.lock",
            "The file that pins digests, written by 'farrier images check --update-lock'; it need not exist.");
    static final Property<FarrierConfig.Hold> HOLD = withDefault(
            "hold",
            ScalarType.choice(FarrierConfig.Hold.class),
            "auto",
            "Which images are held against the garbage collector: all by a pin on containerd; on Docker by a"
                    + " container that is never started, so only the pause images unless 'all' is said.");
    static final Property<Integer> GC_THRESHOLD = withDefault(
            "gc_threshold",
            ScalarType.integer(10, 100),
            "85",
            "Per cent of the image file system at which the kubelet begins to collect images"
                    + " (its imageGCHighThresholdPercent); farrier stops bringing images back 5 below.");
    static final Property<Optional<Long>> MAX_BYTES = withDefault(
            "max_bytes",
            ScalarType.orWord("none", ScalarType.size()),
            "none",
            "How large all wanted images together may be; what comes last in the list waits.");
    static final Property<Optional<Long>> MAX_RATE = withDefault(
            "max_rate",
            ScalarType.orWord("none", ScalarType.size()),
            "none",
            "Bytes a second that this node pulls on the average.");
    static final Property<Integer> RETURNS = withDefault(
            "returns",
            ScalarType.integer(1, 10_000),
            "12",
            "How often an hour one image is brought back; beyond it farrier asks who removes it.");
    static final Property<Duration> PATIENCE = withDefault(
            "patience",
            ScalarType.duration(FarrierYaml.MAX_INTERVAL),
            "2m",
            "How long a download may stand still before it is given up; there is no limit on the whole.");

    static final Section<FarrierConfig.Images> TYPE = Section.of(
            ImagesSection::images,
            SYSTEM_DEFAULT_REGISTRY,
            KEEP,
            LISTS,
            PROFILES,
            MODE,
            PARALLEL,
            FALLBACKS,
            LOCK,
            HOLD,
            GC_THRESHOLD,
            MAX_BYTES,
            MAX_RATE,
            RETURNS,
            PATIENCE);

    private ImagesSection() {}

    private static FarrierConfig.Images images(Values values) {
        Set<Reference> wanted = new LinkedHashSet<>(values.list(KEEP));
        Set<Path> files = new LinkedHashSet<>();
        for (ListFiles.Found found : values.list(LISTS)) {
            files.addAll(found.files());
            wanted.addAll(found.references());
        }
        return new FarrierConfig.Images(
                values.find(SYSTEM_DEFAULT_REGISTRY),
                List.copyOf(wanted),
                List.copyOf(files),
                List.copyOf(new LinkedHashSet<>(values.list(PROFILES))),
                values.find(MODE),
                values.get(PARALLEL),
                new FarrierConfig.Pulls(
                        values.list(FALLBACKS),
                        values.get(LOCK),
                        values.get(HOLD),
                        values.get(GC_THRESHOLD),
                        values.get(MAX_BYTES),
                        values.get(MAX_RATE),
                        values.get(RETURNS),
                        values.get(PATIENCE)));
    }
}
