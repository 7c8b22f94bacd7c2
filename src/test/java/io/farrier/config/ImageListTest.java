package io.farrier.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ImageListTest {
    private static final Path FILE = Path.of("images.txt");

    @Test
    void anImageCountsOnceHoweverItIsWritten() {
        ImageList list = parse("""
                rancher/rancher-agent:v2.7.5
                docker.io/rancher/rancher-agent:v2.7.5
                index.docker.io/rancher/rancher-agent:v2.7.5

                # the node's own
                busybox  # small
                docker.io/library/busybox:latest
                registry.example:5000/busybox
                """);

        assertThat(list.problems()).isEmpty();
        assertThat(list.references())
                .extracting(Reference::toString)
                .containsExactly(
                        "docker.io/rancher/rancher-agent:v2.7.5",
                        "docker.io/library/busybox:latest",
                        "registry.example:5000/busybox:latest");
    }

    @Test
    void linesMayEndAsOnWindowsAndTheLastNotAtAll() {
        assertThat(parse("\ufeffbusybox\r\nalpine:3.20").references())
                .containsExactly(Reference.parse("busybox"), Reference.parse("alpine:3.20"));
    }

    @Test
    void aBadLineIsNamedAndTheOthersCount() {
        ImageList list = parse("busybox\nrancher/Kubectl\nimage a,b\nalpine\n");

        assertThat(list.references()).hasSize(2);
        assertThat(list.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "images.txt:2: invalid reference format: repository name must be lowercase",
                        "images.txt:3: invalid reference format: 'image a,b'");
    }

    @Test
    void aFileThatIsNoListDoesNotFloodTheReport() {
        ImageList list = parse("not a list\n".repeat(1000));

        assertThat(list.problems())
                .hasSize(21)
                .last()
                .hasToString("images.txt:21: and more; is this a list of images?");
    }

    @Test
    void aLineOfMegabytesIsOneShortProblem() {
        assertThat(parse("a/".repeat(1 << 20)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).hasSizeLessThan(200));
    }

    private static ImageList parse(String text) {
        return ImageList.parse(FILE, text.getBytes(UTF_8));
    }
}
