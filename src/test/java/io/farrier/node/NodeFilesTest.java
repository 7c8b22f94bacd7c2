package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeFilesTest {
    private static final Path FILE = Path.of("/etc/docker/daemon.json");

    @TempDir
    Path outside;

    private Path root;
    private NodeFiles files;

    @BeforeEach
    void prepare() throws IOException {
        root = Files.createDirectory(outside.resolve("root"));
        files = NodeFiles.below(root);
    }

    @Test
    void writesBytesAndModeWhateverTheUmask() throws IOException {
        files.replace(FILE, state("new", 0640));
        assertThat(files.read(FILE, 100)).isEqualTo(state("new", 0640));
        assertThat(root.resolve("etc/docker/daemon.json")).hasContent("new");
        assertThat(Files.getAttribute(root.resolve("etc/docker"), "unix:mode")).isEqualTo(040755);
    }

    @Test
    void keepsTheAttributesOfTheFileItReplaces() throws IOException {
        files.replace(FILE, state("old", 0604));
        Path file = root.resolve("etc/docker/daemon.json");
        Files.setAttribute(file, "unix:uid", 1234);
        Files.setAttribute(file, "unix:gid", 4321);
        attributes(file).write("farrier", ByteBuffer.wrap("kept".getBytes(StandardCharsets.UTF_8)));
        files.replace(FILE, state("new", 0604));
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(1234);
        assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(4321);
        assertThat(attributes(file).list()).containsExactly("farrier");
        assertThat(file).hasContent("new");
    }

    private static UserDefinedFileAttributeView attributes(Path file) {
        return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    }

    @Test
    void absoluteLinksStayInsideTheRoot() throws IOException {
        Path host = Files.createDirectory(outside.resolve("host"));
        Path inside = Files.createDirectories(root.resolve(host.toString().substring(1)));
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/docker"), host);
        files.replace(FILE, state("inside", 0644));
        assertThat(host).isEmptyDirectory();
        assertThat(inside.resolve("daemon.json")).hasContent("inside");
    }

    @Test
    void aFolderThatIsALinkToNothingIsAnErrorAndNothingIsWrittenOutside() throws IOException {
        Path host = Files.createDirectory(outside.resolve("host"));
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/docker"), host);
        assertThatThrownBy(() -> files.replace(FILE, state("lost", 0644))).isInstanceOf(IOException.class);
        assertThat(host).isEmptyDirectory();
    }

    @Test
    void climbingLinksStayInsideTheRoot() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/docker"), Path.of("../../../../outside"));
        files.replace(FILE, state("inside", 0644));
        assertThat(outside.resolve("outside")).doesNotExist();
        assertThat(root.resolve("outside/daemon.json")).hasContent("inside");
        assertThat(files.locate(Path.of("/../../etc")))
                .isEqualTo(root.toRealPath().resolve("etc"));
    }

    @Test
    void replacesTheTargetOfALinkAndKeepsTheLink() throws IOException {
        files.replace(Path.of("/srv/real.json"), state("old", 0644));
        Files.createDirectories(root.resolve("etc/docker"));
        Path link = Files.createSymbolicLink(root.resolve("etc/docker/daemon.json"), Path.of("/srv/real.json"));
        files.replace(FILE, state("new", 0644));
        assertThat(link).isSymbolicLink();
        assertThat(root.resolve("srv/real.json")).hasContent("new");
    }

    @Test
    void endlessLinksAreAnError() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        assertThatThrownBy(() -> files.read(Path.of("/a"), 10)).hasMessageContaining("more than 40 symbolic links");
    }

    @Test
    void neverReadsMoreThanAsked() throws IOException {
        files.replace(FILE, state("12345", 0644));
        assertThatThrownBy(() -> files.read(FILE, 4))
                .hasMessage("Tried to read /etc/docker/daemon.json but it has 5 bytes; at most 4 are expected.");
    }

    @Test
    void neverBlocksOnAPipe() throws Exception {
        Files.createDirectories(root.resolve("etc/docker"));
        assertThat(new ProcessBuilder(
                                "mkfifo", root.resolve("etc/docker/daemon.json").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> files.read(FILE, 10)).hasMessageContaining("not a regular file");
        assertThat(files.list(FILE.getParent()))
                .containsExactly(new NodeFiles.Entry("daemon.json", NodeFiles.Kind.OTHER));
    }

    @Test
    void tellsDanglingLinksAndFoldersFromFiles() throws IOException {
        Files.createDirectories(root.resolve("d/folder"));
        Files.writeString(root.resolve("d/file"), "");
        Files.createSymbolicLink(root.resolve("d/gone"), Path.of("nowhere"));
        Files.createSymbolicLink(root.resolve("d/there"), Path.of("file"));
        assertThat(files.list(Path.of("/d")))
                .containsExactly(
                        new NodeFiles.Entry("file", NodeFiles.Kind.FILE),
                        new NodeFiles.Entry("folder", NodeFiles.Kind.FOLDER),
                        new NodeFiles.Entry("gone", NodeFiles.Kind.DANGLING),
                        new NodeFiles.Entry("there", NodeFiles.Kind.FILE));
        assertThat(files.list(Path.of("/nowhere"))).isEmpty();
    }

    @Test
    void tornNowhere() throws IOException {
        files.replace(FILE, state("old", 0644));
        List<String> seen = new ArrayList<>();
        NodeFiles watched = NodeFiles.below(root, (step, path) -> seen.add(step + " " + content() + " " + names()));
        watched.replace(FILE, state("new", 0644));
        assertThat(seen)
                .containsExactly(
                        "TEMP_CREATED old [.daemon.json.farrier-tmp, daemon.json]",
                        "TEMP_WRITTEN old [.daemon.json.farrier-tmp, daemon.json]",
                        "RENAMED new [daemon.json]",
                        "REPLACED new [daemon.json]");
    }

    @Test
    void clearsAwayWhatAKilledReplacementLeft() throws IOException {
        files.replace(FILE, state("old", 0644));
        Files.writeString(root.resolve("etc/docker/.daemon.json.farrier-tmp"), "half");
        files.replace(FILE, state("new", 0644));
        assertThat(names()).isEqualTo("[daemon.json]");
    }

    @Test
    void aRefusedReplacementLeavesTheOldFileAndSaysWhy() throws IOException {
        Files.createDirectories(root.resolve("etc/docker/daemon.json/inside"));
        assertThatThrownBy(() -> files.replace(FILE, state("new", 0644)))
                .hasMessageStartingWith("Tried to replace /etc/docker/daemon.json but ")
                .hasMessageEndingWith(". The old file is untouched.");
        assertThat(root.resolve("etc/docker/daemon.json/inside")).exists();
        assertThat(names()).isEqualTo("[daemon.json]");
    }

    @Test
    void removesOnlyEmptyFolders() throws IOException {
        files.replace(FILE, state("x", 0644));
        files.deleteFolderIfEmpty(Path.of("/etc/docker"));
        assertThat(root.resolve("etc/docker")).exists();
        files.delete(FILE);
        files.delete(FILE);
        Files.writeString(root.resolve("etc/docker/.other.farrier-tmp"), "half");
        files.deleteFolderIfEmpty(Path.of("/etc/docker"));
        assertThat(root.resolve("etc/docker")).doesNotExist();
    }

    @Test
    void newFilesAreNeverReadableByOthersBeforeTheyShallBe() throws IOException {
        List<String> modes = new ArrayList<>();
        NodeFiles watched = NodeFiles.below(root, (step, path) -> {
            if (step == CrashPoint.Step.TEMP_CREATED) {
                modes.add(mode(root.resolve("etc/docker/.daemon.json.farrier-tmp")));
            }
        });
        watched.replace(FILE, state("secret", 0600));
        assertThat(modes).containsExactly("rw-------");
    }

    @Test
    void changesSeveralFilesOfAFolderInOneStep() throws IOException {
        files.replace(FILE, state("old", 0640));
        files.replace(FILE.resolveSibling("goes"), state("old", 0640));
        List<String> seen = new ArrayList<>();
        NodeFiles watched = NodeFiles.below(root, (step, path) -> seen.add(step + " " + content() + " " + names()));

        watched.writeTogether(
                FILE.getParent(),
                Map.of("daemon.json", state("new", 0600), "comes", state("x", 0644), "goes", FileState.ABSENT));

        assertThat(seen)
                .containsExactly(
                        "TEMP_CREATED old [daemon.json, goes]",
                        "TEMP_WRITTEN old [daemon.json, goes]",
                        "TEMP_WRITTEN old [daemon.json, goes]",
                        "RENAMED new [comes, daemon.json]",
                        "REPLACED new [comes, daemon.json]");
        assertThat(files.read(FILE, 10)).isEqualTo(state("new", 0600));
        assertThat(root.resolve("etc")).isDirectoryNotContaining("glob:**.farrier-tmp");
    }

    @Test
    void aFolderMadeAnewIsAsItWasAndSoIsAllElseInIt() throws IOException {
        files.replace(FILE, state("old", 0604));
        Path folder = root.resolve("etc/docker");
        Path foreign = Files.writeString(folder.resolve("foreign"), "theirs");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));
        Object inode = Files.getAttribute(foreign, "unix:ino");
        Files.setAttribute(folder, "unix:uid", 1234);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
        attributes(folder).write("farrier", ByteBuffer.wrap("kept".getBytes(StandardCharsets.UTF_8)));
        attributes(folder.resolve("daemon.json")).write("team", ByteBuffer.wrap(new byte[] {1}));

        files.writeTogether(FILE.getParent(), both("new"));

        assertThat(Files.getAttribute(folder, "unix:uid")).isEqualTo(1234);
        assertThat(mode(folder)).isEqualTo("rwxr-x---");
        assertThat(attributes(folder).list()).containsExactly("farrier");
        assertThat(attributes(folder.resolve("daemon.json")).list()).containsExactly("team");
        assertThat(Files.getAttribute(foreign, "unix:ino")).isEqualTo(inode);
        assertThat(Files.getAttribute(foreign, "unix:nlink")).isEqualTo(1);
        assertThat(names()).isEqualTo("[daemon.json, foreign, link, second]");
    }

    @Test
    void whatSomebodyPutsIntoAFolderThatIsMadeAnewIsNotLost() throws IOException {
        files.replace(FILE, state("old", 0644));
        for (CrashPoint.Step when : List.of(CrashPoint.Step.TEMP_WRITTEN, CrashPoint.Step.RENAMED)) {
            // After the exchange whoever has the old folder open writes into that.
            String folder = when == CrashPoint.Step.RENAMED ? "etc/.docker.farrier-tmp" : "etc/docker";
            NodeFiles disturbed = NodeFiles.below(root, (step, path) -> {
                if (step == when && path.equals(FILE.getParent())) {
                    put(root.resolve(folder).resolve(when.name()));
                }
            });
            disturbed.writeTogether(FILE.getParent(), both(when.name()));
            assertThat(content()).isEqualTo(when.name());
            assertThat(root.resolve("etc/docker").resolve(when.name())).exists();
        }
    }

    @Test
    void writesOneAfterAnotherWhereItCannotBeOneStep() throws IOException {
        Files.createDirectories(root.resolve("etc/docker/folder/deep"));
        files.writeTogether(FILE.getParent(), both("new"));
        assertThat(names()).isEqualTo("[daemon.json, folder, second]");
        assertThat(root.resolve("etc/docker/folder/deep")).exists();
        assertThat(root.resolve("etc")).isDirectoryNotContaining("glob:**.farrier-tmp");
    }

    private static Map<String, FileState> both(String text) {
        return Map.of("daemon.json", state(text, 0644), "second", state(text, 0644));
    }

    private static void put(Path file) {
        try {
            Files.writeString(file, "meanwhile");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException gone) {
            return "gone";
        }
    }

    private String content() {
        try {
            return Files.readString(root.resolve("etc/docker/daemon.json"));
        } catch (IOException torn) {
            return "torn";
        }
    }

    private String names() {
        try (var names = Files.list(root.resolve("etc/docker"))) {
            return names.map(path -> path.getFileName().toString())
                    .sorted()
                    .toList()
                    .toString();
        } catch (IOException gone) {
            return "gone";
        }
    }

    private static FileState state(String text, int mode) {
        return FileState.of(text.getBytes(StandardCharsets.UTF_8), mode);
    }
}
