package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that {@code logs.files} names. */
class PlainFileTailTest {
    private static final int LINES = 1_000;

    @TempDir
    Path temp;

    private final List<String> written = new ArrayList<>();
    private TailedFolder node;
    private Path log;

    @BeforeEach
    void start() throws IOException {
        Path folder = temp.toRealPath();
        log = folder.resolve("rke2/server.log");
        node = new TailedFolder(
                folder.resolve("state"), WantedLogs.ofFiles(new PlainFiles(List.of(folder + "/rke2/*.log"))));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    @Test
    void areShippedAsTheyAreAndCalledByTheirPath() throws IOException {
        written.addAll(node.write(log, LINES));

        discover();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.opened()).singleElement().satisfies(source -> {
            assertThat(source.form()).isEqualTo(Frame.Form.PLAIN);
            assertThat(source.container()).isEqualTo(log.toString());
            assertThat(source.labels()).containsOnly(Map.entry("file", log.toString()));
        });
    }

    @Test
    void aFileThatAppearsLaterIsFound() throws IOException {
        discover();

        written.addAll(node.write(log, LINES));
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
    }

    @Test
    void theirSecretsAreHidden() throws IOException {
        Files.createDirectories(log.getParent());
        Files.writeString(log, "joined with --token K10abcdef0123456789::server:5ecret\n");

        discover();

        assertThat(node.collector.lines()).singleElement().asString().doesNotContain("5ecret");
    }

    @Test
    void rotationByRenameAndCompressionAreFollowed() throws IOException {
        discover();
        for (int i = 0; i < 4; i++) {
            written.addAll(node.write(log, LINES));
            node.settle();
            if (Files.exists(log.resolveSibling("server.log.1"))) {
                TailedFolder.compress(log.resolveSibling("server.log.1"));
                Files.move(
                        log.resolveSibling("server.log.1.gz"),
                        log.resolveSibling("server.log.2.gz"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(log, log.resolveSibling("server.log.1"));
            Files.createFile(log);
            node.settle();
        }

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void whatWasNotReadYetWhenAFileWasCopiedAndTruncatedIsReadFromTheCopy() throws IOException {
        written.addAll(node.write(log, LINES));
        node.collector.credit(10_000);
        node.tail().containers(List.of());
        node.tail().turn();
        assertThat(node.collector.lines()).isNotEmpty().hasSizeLessThan(LINES);

        Files.copy(log, log.resolveSibling("server.log.1"));
        Files.write(log, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        node.tail().turn();
        written.addAll(node.write(log, 1));
        node.collector.credit(1L << 30);
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost())
                .as("what was written between copy and truncation cannot be known")
                .allSatisfy(loss -> assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN));
    }

    @Test
    void aCopyOfWhatWasShippedIsNotReadAgainAfterARestart() throws IOException {
        written.addAll(node.write(log, LINES));
        discover();
        Files.copy(log, log.resolveSibling("server.log.1"));
        Files.write(log, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        node.settle();
        written.addAll(node.write(log, LINES));
        node.settle();

        node.kill();
        node.restart();
        discover();
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
    }

    @Test
    void aFileThatIsRemovedIsReadToItsEnd() throws IOException {
        discover();
        written.addAll(node.write(log, LINES));
        node.collector.credit(10_000);
        node.pass(Duration.ofSeconds(10));
        node.tail().turn();
        Files.delete(log);

        node.collector.credit(1L << 30);
        node.settle();
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.tail().status().sources()).isZero();
    }

    @Test
    void aFileThatIsAContainersTooIsShippedOnceAndAsTheContainers() throws IOException {
        Path dockers = log.resolveSibling("abc-json.log");
        Path kubelets = log.resolveSibling("0.log");
        written.addAll(node.write(log, LINES));
        Files.move(log, dockers);
        Files.createSymbolicLink(kubelets, dockers);

        node.tail().containers(List.of(container(kubelets)));
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.opened()).singleElement().satisfies(source -> {
            assertThat(source.form()).isEqualTo(Frame.Form.DOCKER);
            assertThat(source.container()).isEqualTo("coredns");
            assertThat(source.labels())
                    .containsEntry("namespace", "kube-system")
                    .containsEntry("pod", "dns-1");
        });
    }

    @Test
    void aLinkInThePlaceOfARotatedFileIsNotRead() throws IOException {
        Path secret = log.resolveSibling("secret");
        written.addAll(node.write(log, LINES));
        Files.writeString(secret, "12:00:00 root's own\n");
        Files.createSymbolicLink(log.resolveSibling("server.log.1"), secret);

        discover();

        assertThat(node.collector.lines()).isEqualTo(written);
    }

    private static ContainerSample container(Path logPath) {
        return RunningContainer.of("id", "coredns", "i", "kube-system/dns-1", null, logPath.toString());
    }

    private void discover() throws IOException {
        node.tail().containers(List.of());
        node.settle();
    }
}
