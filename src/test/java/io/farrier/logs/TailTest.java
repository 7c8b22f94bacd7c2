package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.node.CheckedLine;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.MemoryCollector;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TailTest {
    private static final long HOLD_BYTES = 1 << 20;
    private static final int MAX_TRIES = 50;

    @TempDir
    Path folder;

    private final MemoryCollector collector = new MemoryCollector();
    private final List<String> written = new ArrayList<>();
    private DockerLogs docker;
    private CheckpointFile cursors;
    private Tail tail;
    private boolean mayLink = true;
    private long now;

    @BeforeEach
    void start() throws IOException {
        docker = new DockerLogs(folder.resolve("docker"));
        Files.createDirectories(folder.resolve("state"));
        cursors = new CheckpointFile(folder.resolve("state"));
        tail = open();
    }

    @AfterEach
    void stop() throws IOException {
        tail.close();
    }

    @Test
    void shipsLinesAsTheyStandInTheFile() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);

        discoverAndShip();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.batches()).as("one read, one batch").isEqualTo(1);
    }

    @Test
    void announcesASourceWithWhereItsLinesComeFrom() throws IOException {
        write(docker.create("etcd"), 1);

        discoverAndShip();

        assertThat(collector.opened()).singleElement().satisfies(source -> {
            assertThat(source.container()).isEqualTo("etcd");
            assertThat(source.form()).isEqualTo(Frame.Form.DOCKER);
            assertThat(source.labels()).containsEntry("role", "etcd").containsEntry("image", "image:1");
        });
    }

    @Test
    void keepsAnUnfinishedLineUntilItsEnd() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        docker.append(etcd, "{\"log\":\"half");
        discoverAndShip();
        assertThat(collector.lines()).isEmpty();

        docker.append(etcd, " and half\"}\n");
        ship();

        assertThat(collector.lines()).containsExactly("{\"log\":\"half and half\"}");
    }

    @Test
    void shipsAnUnfinishedLineWhenTheFileIsRotatedAway() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        docker.append(etcd, "unfinished");
        discoverAndShip();

        docker.rotate(etcd, 3);
        ship();
        pass(Duration.ofSeconds(3));
        ship();

        assertThat(collector.lines()).containsExactly("unfinished");
    }

    @Test
    void shipsAnUnfinishedLineWhenTheContainerIsRemoved() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        docker.append(etcd, "last words");
        discoverAndShip();

        docker.remove(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        ship();

        assertThat(collector.lines()).containsExactly("last words");
    }

    @Test
    void aLineLongerThanTheSlabIsShippedWhole() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 1);
        written.add(docker.write(etcd, "x".repeat(1_000_000)));
        write(etcd, 1);
        collector.credit(4096); // less than the line: it goes alone, when nothing else is under way

        discoverAndShip();

        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void aLineLongerThanAnyFrameIsShippedInPieces() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        collector.credit(100 << 20);
        written.add(docker.write(etcd, "x".repeat(FrameCodec.MAX_BODY_BYTES + 10)));

        discoverAndShip();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.batches()).isEqualTo(2);
    }

    @Test
    void stopsReadingWhenTheCreditIsUsedUp() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 1000);
        collector.credit(10_000);

        tail.containers(docker.table());
        for (int i = 0; i < 20; i++) {
            tail.turn();
        }

        assertThat(collector.room()).isBetween(0L, 200L);
        assertThat(collector.lines().size()).isLessThan(200);
        ship();
        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void whatIsWrittenNowGoesBeforeALongBacklogAndBothMeet() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        String padding = "x".repeat(4_000);
        while (written.size() * 4_000 < 6 << 20) {
            written.add(docker.write(etcd, padding));
        }
        collector.credit(300_000);
        tail.containers(docker.table());
        tail.turn();
        collector.ack(Integer.MAX_VALUE, tail::ack);
        tail.turn();
        collector.ack(Integer.MAX_VALUE, tail::ack);
        String fresh = docker.write(etcd);
        written.add(fresh);
        tail.turn();

        assertThat(collector.lines()).as("after three batches").contains(fresh).doesNotContain(written.get(1_000));
        ship();
        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void afterABrokenConnectionTheHolesBeforeTheLiveLinesAreFilled() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        String padding = "x".repeat(4_000);
        while (written.size() * 4_000 < 6 << 20) {
            written.add(docker.write(etcd, padding));
        }
        collector.credit(600_000);
        tail.containers(docker.table());
        for (int i = 0; i < 4; i++) {
            tail.turn();
            collector.ack(1, tail::ack);
        }
        collector.reconnect(2);

        ship();

        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void withoutAConnectionTheFilesWait() throws IOException {
        collector.disconnect();
        write(docker.create("etcd"), 5);
        discoverAndShip();
        assertThat(collector.lines()).isEmpty();

        collector.reconnect(2);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void sendsAgainWhatWasNotAcknowledgedWhenTheConnectionBroke() throws IOException {
        write(docker.create("etcd"), 5);
        tail.containers(docker.table());
        tail.turn();
        assertThat(collector.unacked()).isEqualTo(1);

        collector.reconnect(2);
        tail.turn();

        assertThat(collector.unacked()).as("the same batch again").isEqualTo(1);
        assertThat(collector.batches()).isEqualTo(2);
        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void readsTheOldFileToItsEndAfterRotationByRename() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 2);
        discoverAndShip();

        write(etcd, 2);
        docker.rotate(etcd, 3);
        write(etcd, 2);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void aBurstOfRotationsBetweenTwoLooksLosesNothing() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 2);
        discoverAndShip();

        for (int i = 0; i < 4; i++) {
            docker.rotate(etcd, 5);
            write(etcd, 2);
        }
        ship();

        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void declaresALossOfUnknownSizeWhenFilesMayHaveComeAndGoneUnseen() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 2);
        discoverAndShip();

        for (int i = 0; i < 9; i++) {
            docker.rotate(etcd, 2);
            docker.write(etcd);
        }
        ship();

        assertThat(collector.lost()).singleElement().satisfies(loss -> {
            assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN);
            assertThat(loss.reason()).contains("come and gone");
        });
    }

    @Test
    void readsTheRotatedFilesThatWereThereBeforeItOldestFirst() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        for (int i = 0; i < 3; i++) {
            write(etcd, 2);
            docker.rotate(etcd, 5);
        }
        write(etcd, 2);

        discoverAndShip();

        assertThat(collector.lines()).containsExactlyElementsOf(written);
    }

    @Test
    void heldBytesOutliveRotationAndRemovalUntilTheyAreAcknowledged() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        docker.rotate(etcd, 2);
        write(etcd, 3);
        tail.turn();
        docker.remove(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        assertThat(docker.holds()).hasSize(2);

        collector.reconnect(2);
        ship();
        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        saveCursors();

        assertThat(docker.holds())
                .as("acknowledged and on record: the bytes go back to the disk")
                .isEmpty();
        assertThat(tail.status().containers()).isZero();
    }

    @Test
    void shipsWhatAKilledRunHeldThoughItWroteNothingDownAndNoContainerIsLeft() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        docker.remove(etcd);

        killAndRestart();
        tail.containers(docker.table());
        ship();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.opened())
                .singleElement()
                .satisfies(source -> assertThat(source.container())
                        .as("its name went with it")
                        .isEqualTo(etcd.id()));
    }

    @Test
    void ofAContainerThatCameAndWentUnseenAllMayBeLost() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        docker.remove(etcd);
        tail.containers(docker.table());
        tail.removed(etcd);
        tail.removed(RunningContainer.of("b7", "customer", "image:1", null, null, null));
        saveCursors();

        killAndRestart();
        tail.containers(docker.table());
        ship();

        assertThat(collector.lost()).singleElement().satisfies(loss -> {
            assertThat(loss.source().value()).isEqualTo(etcd.id());
            assertThat(loss.reason()).contains("came and went");
        });
        assertThat(collector.opened())
                .singleElement()
                .satisfies(source -> assertThat(source.container()).isEqualTo("etcd"));
    }

    @Test
    void aContainerThatWasOnlySeenBeforeItWasStartedMayHaveWrittenToAFile() throws IOException {
        ContainerSample made =
                RunningContainer.in(ContainerSample.State.CREATED, "c1", "etcd", "image:1", null, "etcd", null);
        tail.containers(List.of(made));
        tail.containers(List.of());
        tail.removed(made);
        ship();

        assertThat(collector.lost()).extracting(loss -> loss.source().value()).containsOnly("c1");
    }

    @Test
    void ofAContainerWhoseLogWasSeenNothingElseIsLostWhenItGoes() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        docker.remove(etcd);
        tail.removed(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(5));
        ship();
        tail.removed(etcd);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void asksForACheckpointAsSoonAsASourceIsFoundButNotAgain() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);

        tail.containers(docker.table());
        assertThat(tail.hasNewNames()).isTrue();
        saveCursors();
        write(etcd, 3);
        tail.turn();

        assertThat(tail.hasNewNames()).isFalse();
    }

    @Test
    void aHoldStaysUntilACheckpointThatNeedsItNoMoreIsOnDisk() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        docker.remove(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        ship();

        assertThat(docker.holds()).hasSize(1);
        saveCursors();
        assertThat(docker.holds()).isEmpty();
    }

    @Test
    void continuesAtItsCursorAfterAKill() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        saveCursors();
        int before = collector.batches();

        killAndRestart();
        discoverAndShip();
        assertThat(collector.batches()).as("nothing is read again").isEqualTo(before);
        write(etcd, 1);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void findsWhatItHeldThoughTheContainerIsGoneAfterAKill() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        ContainerSample other = docker.create("kubelet");
        write(etcd, 3);
        write(other, 1);
        discoverAndShip();
        docker.remove(etcd);

        killAndRestart();
        collector.reconnect(2);
        discoverAndShip();

        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
    }

    @Test
    void readsAgainFromTheStartWhenTheCursorsAreDamaged() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        saveCursors();
        byte[] damaged = Files.readAllBytes(folder.resolve("state/cursors"));
        damaged[20] ^= 1;
        Files.write(folder.resolve("state/cursors"), damaged);

        killAndRestart();
        discoverAndShip();

        assertThat(collector.batches()).isEqualTo(2);
        assertThat(collector.lines()).as("the store ignores what it has").isEqualTo(written);
    }

    @Test
    void truncationInPlaceBeginsANewSourceAndIsDeclared() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();

        docker.truncate(etcd);
        write(etcd, 1);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.opened()).hasSize(2);
        assertThat(collector.lost())
                .singleElement()
                .satisfies(loss -> assertThat(loss.reason()).contains("truncated"));
    }

    @Test
    void truncationIsSeenThoughTheFileIsLongerThanBefore() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();

        docker.truncate(etcd);
        write(etcd, 9);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void aTruncatedFileThatWasNotReadIsDeclaredLostByteForByte() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        collector.credit(0);
        write(etcd, 3);
        discoverAndShip();
        long length = written.stream().mapToLong(line -> line.length() + 1).sum();

        docker.truncate(etcd);
        ship();

        assertThat(collector.lost())
                .filteredOn(loss -> loss.to() != Frame.Lost.UNKNOWN)
                .singleElement()
                .satisfies(loss -> assertThat(loss.to() - loss.from()).isEqualTo(length));
    }

    @Test
    void aReusedInodeIsAnotherSource() throws IOException {
        ContainerSample first = docker.create("etcd");
        FileKey key = key(first);
        write(first, 2);
        discoverAndShip();
        docker.remove(first);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        ship();
        // Not once more: what is written then would take the inode that is free now.
        Checkpoint checkpoint = tail.checkpoint().orElseThrow();
        cursors.write(checkpoint);
        tail.written(checkpoint.version());
        assertThat(docker.holds()).isEmpty();

        write(createOn(key), 2);
        discoverAndShip();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.opened()).hasSize(2);
    }

    /** Those that are made on other inodes stay, so that the next one gets another. */
    private ContainerSample createOn(FileKey key) throws IOException {
        ContainerSample made = docker.create("etcd");
        for (int i = 0; i < MAX_TRIES && !key(made).equals(key); i++) {
            made = docker.create("other" + i);
        }
        assumeThat(key(made)).as("this file system uses inodes again").isEqualTo(key);
        return made;
    }

    private static FileKey key(ContainerSample container) throws IOException {
        return FileKey.look(Path.of(container.logPath())).orElseThrow().key();
    }

    @Test
    void aRotatedFileThatIsDoneIsNotReadAgainAtTheNextRotation() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 2);
        discoverAndShip();
        docker.rotate(etcd, 5);
        write(etcd, 2);
        ship();
        pass(Duration.ofSeconds(3));
        ship();
        saveCursors();
        assertThat(docker.holds()).as("only the live file is held").hasSize(1);
        int before = collector.batches();

        docker.rotate(etcd, 5);
        write(etcd, 1);
        ship();

        assertThat(collector.batches()).isEqualTo(before + 1);
        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void pastTheBudgetTheOldestIsGivenUpAndDeclaredLost() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            kept = new ArrayList<>(List.of(docker.write(etcd, "x".repeat(500_000))));
            discoverAndShip();
            docker.rotate(etcd, 2);
            tail.turn();
        }
        docker.write(etcd);
        docker.remove(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        assertThat(tail.status().heldBytes()).isLessThanOrEqualTo(HOLD_BYTES);

        collector.reconnect(2);
        ship();

        assertThat(collector.lines()).containsAll(kept).hasSize(3);
        assertThat(collector.lost()).singleElement().satisfies(loss -> {
            assertThat(loss.to() - loss.from()).isGreaterThan(500_000);
            assertThat(loss.reason()).contains("hold budget");
        });
    }

    @Test
    void whatOnlyADescriptorKeepsOnTheDiskCountsInTheBudgetTooAndTheOldestIsGivenUp() throws IOException {
        mayLink = false;
        giveUpOneOfTwo();
        assertThat(tail.status().heldBytes()).isBetween(600_000L, HOLD_BYTES);

        collector.reconnect(2);
        ship();

        assertOneLossToTheBudget();
    }

    @Test
    void aRotatedFileIsNotOursToCountWhileItHasAName() throws IOException {
        mayLink = false;
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        for (int i = 0; i < 3; i++) {
            written.add(docker.write(etcd, "x".repeat(600_000)));
            discoverAndShip();
            docker.rotate(etcd, 4);
            tail.turn();
        }
        pass(Duration.ofSeconds(3));
        assertThat(tail.status().heldBytes()).isZero();

        collector.reconnect(2);
        ship();

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void afterAKillWhatTheBudgetGaveUpIsStillLostToTheBudget() throws IOException {
        giveUpOneOfTwo();
        saveCursors();

        killAndRestart();
        discoverAndShip();

        assertOneLossToTheBudget();
    }

    @Test
    void whatIsGivenUpStaysHeldUntilACheckpointSaysWhy() throws IOException {
        giveUpOneOfTwo();
        assertThat(docker.holds())
                .as("a kill now would leave it to the next start")
                .hasSize(3);

        saveCursors();

        assertThat(docker.holds()).hasSize(1);
    }

    @Test
    void afterAKillBetweenCheckpointAndReleaseWhatWasGivenUpIsNotSentAgain() throws IOException {
        giveUpOneOfTwo();
        cursors.write(tail.checkpoint().orElseThrow());

        killAndRestart();
        assertThat(docker.holds()).hasSize(3);
        discoverAndShip();
        assertOneLossToTheBudget();
        pass(Duration.ofSeconds(3));
        ship();
        saveCursors();

        assertThat(docker.holds()).isEmpty();
    }

    @Test
    void noCheckpointThatHangsKeepsTheDiskFull() throws IOException {
        giveUpOneOfTwo();

        pass(Duration.ofSeconds(3));

        assertThat(docker.holds()).hasSize(2);
    }

    @Test
    void readsTheLossOfUnknownSizeOfVersionsThatRememberedOneAtMost() throws IOException {
        loseWithoutAnAck();
        saveCursors();
        rewriteCursors(
                "\"unknownLosses\":\\{(\"\\d+\":\"[^\"]*\")?}", "\"mayHaveLostMore\":true,\"unknownLoss\":\"as told\"");

        killAndRestart();
        discoverAndShip();

        assertThat(collector.lost()).isNotEmpty().allSatisfy(loss -> {
            assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN);
            assertThat(loss.reason()).isEqualTo("as told");
        });
    }

    @Test
    void readsTheCheckpointsOfVersionsThatWroteNoReasons() throws IOException {
        mayLink = false;
        ContainerSample etcd = docker.create("etcd");
        collector.credit(0);
        write(etcd, 3);
        discoverAndShip();
        cursors.write(tail.checkpoint().orElseThrow());
        docker.remove(etcd);
        rewriteCursors("\"unknownLosses\":\\{}", "\"mayHaveLostMore\":false");
        rewriteCursors(",\"givenUp\":null", "");

        killAndRestart();
        discoverAndShip();

        assertThat(collector.lost())
                .hasSize(2)
                .allSatisfy(loss -> assertThat(loss.reason()).contains("gone when the agent started again"));
    }

    /** Two files, and the empty one that follows them, of a container that is gone; there is room for one. */
    private void giveUpOneOfTwo() throws IOException {
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        for (int i = 0; i < 2; i++) {
            docker.write(etcd, "x".repeat(600_000));
            discoverAndShip();
            docker.rotate(etcd, 3);
            tail.turn();
        }
        saveCursors();
        docker.remove(etcd);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
    }

    private void assertOneLossToTheBudget() {
        assertThat(collector.lines()).hasSize(1);
        assertThat(collector.lost()).singleElement().satisfies(loss -> {
            assertThat(loss.to() - loss.from()).isGreaterThan(600_000);
            assertThat(loss.reason()).contains("hold budget");
        });
    }

    /** As another version would have written them. */
    private void rewriteCursors(String here, String there) throws IOException {
        Path file = folder.resolve("state/cursors");
        StringBuilder rewritten = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            String json = line.substring(9);
            assertThat(json).containsPattern(here);
            byte[] other = json.replaceAll(here, there).getBytes(UTF_8);
            rewritten.append(new String(CheckedLine.of(other), UTF_8)).append('\n');
        }
        assertThat(rewritten.toString()).isNotEmpty();
        Files.writeString(file, rewritten.toString());
    }

    @Test
    void aDeclaredLossIsRepeatedOnEachConnectionUntilItIsAcknowledged() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        collector.credit(0);
        write(etcd, 3);
        discoverAndShip();
        docker.truncate(etcd);
        tail.turn();
        tail.turn();
        saveCursors();
        killAndRestart();

        collector.lost().clear();
        discoverAndShip();
        assertThat(collector.lost())
                .filteredOn(loss -> loss.to() != Frame.Lost.UNKNOWN)
                .hasSize(1);
        collector.lost().clear();
        collector.reconnect(77);
        ship();

        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void aLossOfUnknownSizeIsToldOnEachConnectionUntilItIsAcknowledged() throws IOException {
        loseWithoutAnAck();

        collector.reconnect(2);
        ship();
        assertThat(collector.lost()).singleElement().satisfies(loss -> {
            assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN);
            assertThat(loss.from()).isEqualTo(written.get(0).length() + 1);
        });
        collector.lost().clear();
        collector.reconnect(3);
        ship();

        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void aLossOfUnknownSizeThatWasNotAcknowledgedIsToldAfterAKill() throws IOException {
        loseWithoutAnAck();
        saveCursors();
        collector.lost().clear();

        killAndRestart();
        discoverAndShip();

        assertThat(collector.lost())
                .singleElement()
                .satisfies(loss -> assertThat(loss.reason()).contains("truncated"));
    }

    private void loseWithoutAnAck() throws IOException {
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 1);
        discoverAndShip();
        docker.truncate(etcd);
        tail.turn();
        tail.turn();
        assertThat(collector.lost()).hasSize(1);
        collector.lost().clear();
    }

    @Test
    void aContainerOutOfScopeIsNeitherSentNorHeld() throws IOException {
        ContainerSample workload = docker.create("shop", null);
        write(workload, 3);

        discoverAndShip();

        assertThat(collector.lines()).isEmpty();
        assertThat(collector.opened()).isEmpty();
        assertThat(docker.holds()).isEmpty();
    }

    @Test
    void withoutLinksNothingIsWrittenBesideTheLogsAndTheDescriptorHolds() throws IOException {
        mayLink = false;
        collector.disconnect();
        ContainerSample etcd = docker.create("etcd");
        write(etcd, 3);
        discoverAndShip();
        assertThat(docker.holds()).isEmpty();
        assertThat(tail.status().heldByDescriptorOnly()).isEqualTo(1);
        docker.remove(etcd);

        collector.reconnect(2);
        tail.containers(docker.table());
        pass(Duration.ofSeconds(3));
        ship();

        assertThat(collector.lines()).isEqualTo(written);
    }

    @Test
    void whatOnlyADescriptorHeldIsDeclaredLostAfterAKill() throws IOException {
        mayLink = false;
        ContainerSample etcd = docker.create("etcd");
        collector.credit(0);
        write(etcd, 3);
        discoverAndShip();
        saveCursors();
        docker.remove(etcd);

        killAndRestart();
        discoverAndShip();

        long length = written.stream().mapToLong(line -> line.length() + 1).sum();
        assertThat(collector.lost()).extracting(Frame.Lost::to).containsExactlyInAnyOrder(length, Frame.Lost.UNKNOWN);
    }

    @Test
    void churnLeavesNothingBehind() throws IOException {
        for (int i = 0; i < 50; i++) {
            ContainerSample brief = docker.create("brief" + i);
            write(brief, 2);
            discoverAndShip();
            docker.remove(brief);
            tail.containers(docker.table());
            pass(Duration.ofSeconds(3));
            ship();
            saveCursors();
        }

        assertThat(collector.lines()).isEqualTo(written);
        assertThat(docker.holds()).isEmpty();
        assertThat(tail.status().sources()).isZero();
        assertThat(tail.status().containers()).isZero();
        assertThat(cursors.content().entries()).isEmpty();
    }

    private void write(ContainerSample container, int lines) {
        for (int i = 0; i < lines; i++) {
            written.add(docker.write(container));
        }
    }

    private void discoverAndShip() {
        tail.containers(docker.table());
        ship();
    }

    /** Turns and acknowledges until nothing moves any more. */
    private void ship() {
        for (int i = 0; i < 300; i++) {
            boolean more = tail.turn();
            boolean moved = collector.unacked() > 0;
            collector.ack(Integer.MAX_VALUE, tail::ack);
            if (!more && !moved && i > 2) {
                return;
            }
        }
        throw new AssertionError("the tail does not come to rest: " + tail.status());
    }

    private void pass(Duration time) {
        now += time.toNanos();
        tail.turn();
    }

    private void saveCursors() throws IOException {
        for (int i = 0; i < 3; i++) {
            tail.turn();
            var checkpoint = tail.checkpoint();
            if (checkpoint.isEmpty()) {
                return;
            }
            cursors.write(checkpoint.get());
            tail.written(checkpoint.get().version());
        }
    }

    private void killAndRestart() throws IOException {
        tail.close();
        tail = open();
        collector.reconnect(collector.connection() + 1000);
    }

    private Tail open() throws IOException {
        return new Tail(
                WantedLogs.ofContainers(HOLD_BYTES),
                cursors.content().entries(),
                () -> Set.of(folder.resolve("docker")),
                () -> mayLink,
                collector,
                () -> now,
                Clock.systemUTC(),
                Optional.empty());
    }
}
