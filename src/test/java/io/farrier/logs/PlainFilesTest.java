package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainFilesTest {
    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void realFolder() throws IOException {
        folder = temp.toRealPath();
    }

    @Test
    void findsWhatThePatternsNameAndSaysWhich() throws IOException {
        write("rke2/a.log");
        write("rke2/b.log");
        write("rke2/b.txt");

        assertThat(find("/rke2/*.log"))
                .containsExactly(
                        new PlainFiles.Found(folder.resolve("rke2/a.log"), true, because("/rke2/*.log")),
                        new PlainFiles.Found(folder.resolve("rke2/b.log"), true, because("/rke2/*.log")));
    }

    @Test
    void starsStandForFoldersToo() throws IOException {
        write("one/x/a.log");
        write("two/x/a.log");

        assertThat(find("/*/x/*.log")).hasSize(2);
    }

    @Test
    void withoutAPatternThereAreNone() throws IOException {
        assertThat(new PlainFiles(List.of()).find()).isEmpty();
    }

    @Test
    void aRotatedFileIsNoLogOfItsOwn() throws IOException {
        for (String name : List.of(
                "a.log.1",
                "a.log.2.gz",
                "a.log-20261120",
                "a.log-20261120.gz",
                "a-2026-11-20T15-04-05.000.log",
                "a-2026-11-20T15-04-05.000.log.gz",
                "0.log.20261120-150405.gz")) {
            write("logs/" + name);
        }
        write("logs/a.log");
        write("logs/kubelet-20.log");

        assertThat(shipped("/logs/*")).containsExactly("a.log", "kubelet-20.log");
    }

    @Test
    void onlyRegularFilesAreShipped() throws IOException {
        write("secret/key.pem");
        write("logs/a.log");
        Files.createSymbolicLink(folder.resolve("logs/b.log"), folder.resolve("secret/key.pem"));
        Files.createDirectory(folder.resolve("logs/c.log"));

        assertThat(shipped("/logs/*.log")).containsExactly("a.log");
        assertThat(find("/logs/*.log"))
                .filteredOn(found -> !found.ships())
                .extracting(PlainFiles.Found::because)
                .containsOnly("it is no regular file");
    }

    @Test
    void aFolderThatAnybodyMayWriteToLeadsNowhere() throws IOException {
        write("open/logs/a.log");
        Files.setPosixFilePermissions(folder.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThat(find("/open/logs/*.log")).isEmpty();
    }

    @Test
    void aLinkOfRootsIsFollowedOnlyToWhereOthersCannotWrite() throws IOException {
        write("real/a.log");
        write("open/b.log");
        Files.setPosixFilePermissions(folder.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(folder.resolve("good"), folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("bad"), folder.resolve("open"));

        assertThat(shipped("/good/*.log")).containsExactly("a.log");
        assertThat(find("/bad/*.log")).isEmpty();
    }

    @Test
    void aLinkOfSomebodyElseIsNotFollowed() throws IOException {
        write("real/a.log");
        Path link = Files.createSymbolicLink(folder.resolve("theirs"), folder.resolve("real"));
        Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);

        assertThat(find("/theirs/*.log")).isEmpty();
    }

    @Test
    void beyondTheBoundFilesAreNamedAndNotShipped() throws IOException {
        for (int i = 0; i <= PlainFiles.MAX_FILES; i++) {
            write("many/" + (1000 + i) + "x.log");
        }

        List<PlainFiles.Found> found = find("/many/*.log");

        assertThat(found).hasSize(PlainFiles.MAX_FILES + 1);
        assertThat(found.get(PlainFiles.MAX_FILES).ships()).isFalse();
        assertThat(found.get(PlainFiles.MAX_FILES).because()).contains("more than " + PlainFiles.MAX_FILES);
    }

    private String because(String pattern) {
        return "logs.files has '" + folder + pattern + "'";
    }

    private List<PlainFiles.Found> find(String pattern) throws IOException {
        return new PlainFiles(List.of(folder + pattern)).find();
    }

    private List<String> shipped(String pattern) throws IOException {
        return find(pattern).stream()
                .filter(PlainFiles.Found::ships)
                .map(found -> found.path().getFileName().toString())
                .toList();
    }

    private void write(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "line\n");
    }
}
