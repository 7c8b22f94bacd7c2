package io.farrier.rig;

import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;

/** What an agent has on record of the logs it reads. */
record CursorsOf(PracticeNode node, Duration patience) {
    void awaitLog(String name) {
        until(cursors -> cursors.contains(name));
    }

    /** Of a log that was live when the agent was killed, and is gone, nobody knows what else there was. */
    void awaitEndOfAll() {
        until(cursors -> !cursors.contains("\"live\":true"));
    }

    private void until(Predicate<String> wanted) {
        Path cursors = node.file("/var/lib/farrier/cursors");
        await().atMost(patience)
                .ignoreException(NoSuchFileException.class)
                .until(() -> wanted.test(Files.readString(cursors)));
    }
}
