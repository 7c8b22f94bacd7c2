package io.farrier.assembly;

import io.farrier.config.FarrierConfig;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.images.ArchiveLoader;
import io.farrier.images.ArchiveSaver;
import io.farrier.images.ArchiveShelf;
import io.farrier.images.EffectivePause;
import io.farrier.images.Forecast;
import io.farrier.images.ImageDisk;
import io.farrier.images.ImageKeeper;
import io.farrier.images.ImageLock;
import io.farrier.images.Mirror;
import io.farrier.images.Profile;
import io.farrier.images.Prospects;
import io.farrier.images.Sources;
import io.farrier.images.UploadSessions;
import io.farrier.images.WantedImages;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.node.CommandLines;
import io.farrier.plan.FileState;
import io.farrier.registry.RegistryContent;
import io.farrier.runtime.RuntimeUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What keeps, forecasts and carries images as one configuration says. */
final class ImageParts {
    private static final int ROOT_ONLY = 0700;
    private static final int READABLE = 0644;
    private static final Path PROC = Path.of("/proc");

    private final Machine machine;
    private final NodeRuntime runtime;
    private final FarrierConfig config;
    private final RegistryParts registries;

    ImageParts(Machine machine, NodeRuntime runtime, FarrierConfig config, RegistryParts registries) {
        this.machine = machine;
        this.runtime = runtime;
        this.config = config;
        this.registries = registries;
    }

    ImageKeeper keeper() throws IOException {
        return ImageKeeper.of(runtime.runtime(), this::wanted, machine.clock())
                .as(config.images().pulls(), runtime.isDockerNode())
                // etcd waits for its disk and its network before it calls an election.
                .at(machine.isEtcdNode() ? 1 : config.images().parallel())
                .locked(lock())
                .with(registries::credentials)
                .from(new Sources(config.mirrors(), config.images().pulls().fallbacks()))
                .lookingFirst(prospects())
                .andFrom(shelf())
                .on(ImageDisk.at(runtime::dataRoot))
                .build();
    }

    /** What the lock file says now; without one, nothing is pinned. */
    ImageLock lock() throws IOException {
        Path file = config.images().pulls().lock();
        try {
            byte[] text = machine.trusted().read(file, ImageLock.MAX_BYTES);
            return ImageLock.parse(file, new String(text, StandardCharsets.UTF_8));
        } catch (NoSuchFileException none) {
            return ImageLock.EMPTY;
        }
    }

    /** Beside the configuration it belongs to, readable for all as a list file is. */
    Path lock(ImageLock lock) throws IOException {
        Path file = config.images().pulls().lock();
        machine.files().replace(file, FileState.of(lock.text().getBytes(StandardCharsets.UTF_8), READABLE));
        return file;
    }

    /** What the node holds already; without a runtime, as on an admin's machine, that is nothing. */
    List<Reference> here() throws IOException {
        try {
            return keeper().held().stream()
                    .map(image -> Reference.parse(image.reference()))
                    .toList();
        } catch (RuntimeUnavailableException none) {
            return List.of();
        }
    }

    private Prospects prospects() {
        return new Prospects(content(), registries::registry, Platform.ofThisNode());
    }

    private RegistryContent content() {
        return new RegistryContent(machine.http(), machine.clock(), registries.logins());
    }

    private ArchiveShelf shelf() throws IOException {
        return new ArchiveShelf(
                machine.trusted(),
                config.stateDir().resolve("images"),
                Platform.ofThisNode(),
                machine.root().resolve(Path.of("/").relativize(config.stateDir())));
    }

    /** All that the configuration wants, each under the name pods ask for. */
    WantedImages wanted() throws IOException {
        Optional<Reference> pause =
                config.images().profiles().contains(Profile.PAUSE) ? effectivePause() : Optional.empty();
        List<Profile> profiles = new ArrayList<>();
        for (String name : config.images().profiles()) {
            if (!name.equals(Profile.PAUSE) || pause.isEmpty()) {
                profiles.add(Profile.named(name));
            }
        }
        WantedImages listed = WantedImages.of(
                config.images().keep(), profiles, config.images().systemDefaultRegistry());
        return pause.map(listed::withPause).orElse(listed);
    }

    /** Empty while nobody says, as on an admin's machine. */
    private Optional<Reference> effectivePause() {
        try {
            return new EffectivePause(runtime.runtime(), new CommandLines(PROC)).find();
        } catch (IOException silent) {
            return Optional.empty();
        }
    }

    /** These alone, each under the name pods ask for. */
    WantedImages only(List<Reference> listed) {
        return WantedImages.of(listed, List.of(), config.images().systemDefaultRegistry());
    }

    Forecast forecast() throws IOException {
        return new Forecast(
                prospects(),
                new Sources(config.mirrors(), config.images().pulls().fallbacks()),
                lock(),
                config.registries().stream().map(FarrierConfig.Registry::host).toList());
    }

    ArchiveSaver saver(Platform platform) {
        return new ArchiveSaver(content(), registries::registry, platform);
    }

    ArchiveLoader loader() throws IOException {
        return new ArchiveLoader(
                runtime.runtime(),
                wanted(),
                lock(),
                Platform.ofThisNode(),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    Mirror mirror() throws IOException {
        machine.files().makeFolders(config.stateDir(), ROOT_ONLY);
        return new Mirror(
                content(),
                registries::registry,
                UploadSessions.in(config.stateDir().resolve("mirror.sessions")));
    }

    /** Where k3s or RKE2 import archives from; empty on other nodes. */
    Optional<Path> agentImages() {
        return runtime.kind()
                .flatMap(FileParts::distribution)
                .map(distribution -> Path.of("/var/lib/rancher", word(distribution), "agent/images"));
    }

    private static String word(Distribution distribution) {
        return distribution.name().toLowerCase(Locale.ROOT);
    }
}
