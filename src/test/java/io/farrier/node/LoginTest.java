package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoginTest {
    @TempDir
    Path folder;

    private Login login;

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(folder.resolve("passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
        login = new Login(folder.resolve("proc"), folder.resolve("passwd"));
    }

    @Test
    void isTheLoginThatTheKernelRemembersThroughSudo() throws IOException {
        process(7, "1000", "SUDO_USER=mallory\0PATH=/bin\0", "0");
        assertThat(login.of(7)).isEqualTo("alice");
    }

    @Test
    void isWhomSudoNamesWhereTheKernelKnowsNoLogin() throws IOException {
        process(7, "4294967295", "PATH=/bin\0SUDO_USER=bob\0", "0");
        assertThat(login.of(7)).isEqualTo("bob");
    }

    @Test
    void isElseTheUser() throws IOException {
        process(7, "4294967295", "PATH=/bin\0", "0");
        assertThat(login.of(7)).isEqualTo("root");
        process(8, "", "", "1001");
        assertThat(login.of(8)).isEqualTo("uid 1001");
    }

    @Test
    void isUnknownForAProcessThatIsGone() {
        assertThat(login.of(9)).isEqualTo("unknown");
    }

    @Test
    void isSomebodyForThisProcess() {
        assertThat(Login.ofThisNode().ofThisProcess()).isNotEqualTo("unknown");
    }

    private void process(int pid, String loginuid, String environ, String uid) throws IOException {
        Path process = Files.createDirectories(folder.resolve("proc").resolve(Integer.toString(pid)));
        Files.writeString(process.resolve("loginuid"), loginuid);
        Files.writeString(process.resolve("environ"), environ);
        Files.writeString(
                process.resolve("status"), "Name:\tjava\nUid:\t%s\t%s\t%s\t%s\n".formatted(uid, uid, uid, uid));
    }
}
