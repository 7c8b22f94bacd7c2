package io.farrier.config;

import io.farrier.image.Reference;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads the configuration files, and the files they name, and says all their mistakes at once. Every file and every
 * folder on the way to it must be trusted ({@link TrustedFiles}).
 */
public final class ConfigLoader {
    /** More drop-ins than teams. */
    private static final int MAX_DROP_INS = 100;

    private final TrustedFiles trustedFiles;
    private final String hostName;
    private final Clock clock;

    /** @param hostName the node's name unless the file says another */
    public ConfigLoader(TrustedFiles trustedFiles, String hostName, Clock clock) {
        this.trustedFiles = trustedFiles;
        this.hostName = hostName;
        this.clock = clock;
    }

    /**
     * {@code farrier.yaml}, and the {@code *.yaml} files of {@code farrier.d} beside it in name order (for another file
     * name, of the folder that is named like it).
     *
     * @param file absolute, as the node sees it
     */
    public Loaded<FarrierConfig> load(Path file) throws InvalidConfigException {
        return load(file, FarrierYaml.TYPE, true);
    }

    /** What an empty {@code farrier.yaml} would say. */
    public Loaded<FarrierConfig> loadNothing() {
        Reading reading = new Reading(trustedFiles, Path.of("/etc/farrier/farrier.yaml"), hostName, clock);
        FarrierConfig config =
                FarrierYaml.TYPE.read(Yaml.Mapping.EMPTY, Place.top(reading)).orElseThrow();
        return new Loaded<>(config, reading.warnings(), reading.values(), reading.files(), reading.fingerprint());
    }

    /**
     * {@code collector.yaml}; it has no drop-ins.
     *
     * @param file absolute, as the node sees it
     */
    public Loaded<CollectorConfig> loadCollector(Path file) throws InvalidConfigException {
        return load(file, CollectorYaml.TYPE, false);
    }

    /** An image list that stands by itself, outside any configuration. */
    public List<Reference> loadList(Path file) throws IOException {
        ImageList list = ImageList.parse(file, trustedFiles.read(file, ImageList.MAX_BYTES));
        if (!list.problems().isEmpty()) {
            throw new InvalidConfigException(list.problems());
        }
        return list.references();
    }

    private <T> Loaded<T> load(Path file, Section<T> type, boolean hasDropIns) throws InvalidConfigException {
        Reading reading = new Reading(trustedFiles, file, hostName, clock);
        Place top = Place.top(reading);
        Yaml.Mapping said = parse(file, reading);
        for (Path dropIn : hasDropIns ? dropIns(file, reading) : List.<Path>of()) {
            said = (Yaml.Mapping) type.merge(said, parse(dropIn, reading), top);
        }
        Optional<T> config = type.read(said, top);
        if (!reading.problems().isEmpty() || config.isEmpty()) {
            throw new InvalidConfigException(inOrder(reading.problems()));
        }
        return new Loaded<>(config.get(), reading.warnings(), reading.values(), reading.files(), reading.fingerprint());
    }

    private static List<Problem> inOrder(List<Problem> problems) {
        return problems.stream()
                .distinct()
                .sorted(Comparator.comparing(Problem::file).thenComparing(Problem::line))
                .toList();
    }

    private static Yaml.Mapping parse(Path file, Reading reading) {
        try {
            byte[] bytes = reading.read(file, YamlFile.MAX_BYTES);
            return YamlFile.parse(reading.shown(file), bytes, reading.problems());
        } catch (NoSuchFileException absent) {
            reading.problems().add(new Problem(reading.shown(file), 0, "is not there"));
        } catch (IOException unreadable) {
            addUnreadable(file, unreadable, reading);
        }
        return Yaml.Mapping.EMPTY;
    }

    private static List<Path> dropIns(Path file, Reading reading) {
        Path folder = file.resolveSibling(file.getFileName().toString().replaceFirst("\\.ya?ml$", "") + ".d");
        List<Path> dropIns = new ArrayList<>();
        try {
            for (String name : reading.list(folder)) {
                if (name.endsWith(".yaml") && !name.startsWith(".")) {
                    dropIns.add(folder.resolve(name));
                }
            }
        } catch (IOException unreadable) {
            addUnreadable(folder, unreadable, reading);
        }
        if (dropIns.size() > MAX_DROP_INS) {
            reading.problems().add(new Problem(reading.shown(folder), 0, "holds more than " + MAX_DROP_INS + " files"));
            return List.of();
        }
        return dropIns;
    }

    /** A folder above several files that anyone may write is one mistake, not one of each file. */
    private static void addUnreadable(Path file, IOException unreadable, Reading reading) {
        Problem problem = new Problem(reading.shown(file), 0, "cannot be read: " + unreadable.getMessage());
        if (reading.problems().stream().noneMatch(known -> known.message().equals(problem.message()))) {
            reading.problems().add(problem);
        }
    }
}
