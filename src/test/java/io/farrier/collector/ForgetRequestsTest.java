package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.NodeName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ForgetRequestsTest {
    @TempDir
    Path folder;

    private final List<NodeName> forgotten = new ArrayList<>();

    @Test
    void aFileOfThatNameForgetsANodeOnce() throws Exception {
        Files.createDirectory(folder.resolve("forget"));
        Files.createFile(folder.resolve("forget/worker-1"));
        Files.createFile(folder.resolve("forget/.not-a-node"));
        ForgetRequests requests = new ForgetRequests(folder);

        requests.take(forgotten::add);
        requests.take(forgotten::add);

        assertThat(forgotten).containsExactly(new NodeName("worker-1"));
    }

    @Test
    void withoutTheFolderNothingIsAsked() throws Exception {
        new ForgetRequests(folder).take(forgotten::add);

        assertThat(forgotten).isEmpty();
    }
}
