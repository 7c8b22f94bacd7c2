package io.farrier.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PullScreenTest {
    private static final long MB = 1_000_000;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void drawsABarForEachImageUnderWayAndOneForAll() {
        PullScreen pulls = pulls(true, 3);
        pulls.progress("docker.io/a:1", 5 * MB, 10 * MB, "Downloading");
        pulls.progress("docker.io/b:1", 0, 30 * MB, "Downloading");

        List<String> lines = lastFrame();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("docker.io/a:1 ").contains("[############            ]", "Downloading");
        assertThat(lines.get(1)).startsWith("docker.io/b:1 ").contains("[                        ]");
        assertThat(lines.get(2)).startsWith("0 of 3 images ").contains("[###                     ]");
    }

    @Test
    void whatHasEndedStaysAboveAndHasNoBarAnyMore() {
        PullScreen pulls = pulls(true, 2);
        pulls.progress("docker.io/a:1", 10 * MB, 10 * MB, "Extracting");
        pulls.progress("docker.io/b:1", 0, 10 * MB, "Downloading");
        pulls.ended(status("docker.io/a:1", State.PRESENT, ""));

        List<String> lines = lastFrame();

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("docker.io/a:1 ").endsWith("pulled");
        assertThat(lines.get(1)).startsWith("docker.io/b:1 ");
        assertThat(lines.get(2)).startsWith("1 of 2 images ").contains("[############            ]");
    }

    @Test
    void elsewhereItIsALineForEachThatHasEndedAndNothingOfItSteersATerminal() {
        PullScreen pulls = pulls(false, 1);
        pulls.progress("docker.io/a:1", 1, 2, "Downloading");
        pulls.ended(status("docker.io/a:1", State.FAILED, "no\033[2Jsuch\r\nmanifest"));

        assertThat(out.toString(UTF_8))
                .startsWith("failed: no")
                .endsWith("docker.io/a:1\n")
                .doesNotContain("\033", "\r")
                .containsOnlyOnce("\n");
    }

    private PullScreen pulls(boolean terminal, int images) {
        PrintStream stream = new PrintStream(out, true, UTF_8);
        return new PullScreen(new Screen(stream, stream, terminal), false, images);
    }

    private List<String> lastFrame() {
        String all = out.toString(UTF_8);
        return all.substring(all.lastIndexOf("\033[J") + 3).lines().toList();
    }

    private static ImageStatus status(String reference, State state, String reason) {
        return new ImageStatus(reference, state, Optional.empty(), Optional.empty(), 0, reason);
    }
}
