package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node that is as configured is left alone: a second apply writes nothing, anywhere. */
final class NothingIsWrittenTwiceIT {
    @RegisterExtension
    final PracticeNode node = PracticeNode.named("quiet").seeded(PAUSE);

    @Test
    void aSecondApplyWritesNothing() throws IOException {
        node.configure("""
                mode: keep
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                  - host: %s
                    insecure: true
                docker: {daemon_json: {live-restore: true}}
                """.formatted(node.registry(), node.plainRegistry()));
        assertThat(node.farrier("apply").succeeded().out()).contains("applied  docker/daemon.json");
        List<Path> folders = List.of(node.file("/etc"), node.file("/var/lib/farrier"));
        Map<Path, String> before = attributes(folders);
        String reloads = reloads();

        List<String> seen = new ArrayList<>();
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            watchAll(folders, watch);

            assertThat(node.farrier("apply").succeeded().out())
                    .contains("kept  docker/certs.d", "kept  docker/daemon.json");

            for (WatchKey key = watch.poll(); key != null; key = watch.poll()) {
                for (WatchEvent<?> event : key.pollEvents()) {
                    seen.add(key.watchable() + "/" + event.context() + " " + event.kind());
                }
            }
        }
        assertThat(seen).isEmpty();
        assertThat(attributes(folders)).isEqualTo(before).hasSizeGreaterThan(10);
        assertThat(reloads()).isEqualTo(reloads);
    }

    private String reloads() throws IOException {
        return String.valueOf(
                Files.readString(node.directory().resolve("log/dockerd")).split("Got signal to reload", -1).length);
    }

    private static Map<Path, String> attributes(List<Path> folders) throws IOException {
        Map<Path, String> all = new TreeMap<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.forEach(file -> all.put(file, attributes(file)));
            }
        }
        return all;
    }

    private static String attributes(Path file) {
        try {
            return Files.readAttributes(
                            file, "unix:ino,size,mode,uid,gid,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void watchAll(List<Path> folders, WatchService watch) throws IOException {
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path each : files.filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                        .toList()) {
                    each.register(
                            watch,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE);
                }
            }
        }
    }
}
