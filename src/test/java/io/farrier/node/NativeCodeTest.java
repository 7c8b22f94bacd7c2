package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of mountinfo as a CIS node has them. */
final class NativeCodeTest {
    private static final String OPTION = "-Djava.io.tmpdir";
    private static final String ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw";
    private static final String TMP = "31 22 0:27 / /tmp rw,nosuid,nodev,noexec shared:2 - tmpfs tmpfs rw";
    private static final String VAR_TMP = "32 22 8:2 / /var/tmp rw,nosuid,noexec shared:3 - ext4 /dev/sda2 rw";
    private static final String OVER_TMP = "40 31 0:40 / /tmp rw,relatime - tmpfs tmpfs rw";

    @Test
    void namesTheOptionThatIsMissingWhereTheTemporaryFolderIsNoexec() {
        assertThat(NativeCode.refusal(Path.of("/tmp"), OPTION, List.of(ROOT, TMP, VAR_TMP)))
                .hasValueSatisfying(sentence -> assertThat(sentence)
                        .contains("/tmp is mounted noexec: start java with -Djava.io.tmpdir=DIR")
                        .doesNotContain("\n"));
        assertThat(NativeCode.refusal(Path.of("/var/tmp/farrier"), OPTION, List.of(ROOT, TMP, VAR_TMP)))
                .isPresent();
    }

    @Test
    void saysNothingWhereItMayBeExecuted() {
        assertThat(NativeCode.refusal(Path.of("/root/tmp"), OPTION, List.of(TMP, VAR_TMP, ROOT)))
                .isEmpty();
        assertThat(NativeCode.refusal(Path.of("/tmpfiles"), OPTION, List.of(ROOT, TMP)))
                .isEmpty();
    }

    @Test
    void whatIsMountedOverAnotherCounts() {
        assertThat(NativeCode.refusal(Path.of("/tmp"), OPTION, List.of(ROOT, TMP, OVER_TMP)))
                .isEmpty();
        assertThat(NativeCode.refusal(Path.of("/tmp"), OPTION, List.of(ROOT, OVER_TMP, TMP)))
                .isPresent();
    }

    @Test
    void aMountPointWithASpaceIsOne() {
        String odd = "50 22 0:50 / /my\\040tmp rw,noexec - tmpfs tmpfs rw";
        assertThat(NativeCode.refusal(Path.of("/my tmp"), OPTION, List.of(ROOT, odd)))
                .isPresent();
    }
}
