package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Hold;
import io.farrier.config.FarrierConfig.Pulls;
import io.farrier.image.Blob;
import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageDisk.Space;
import io.farrier.images.ImageLock.Pin;
import io.farrier.images.Prospect.Kind;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import io.farrier.testing.FakeRuntime;
import io.farrier.testing.MovableClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What happens before and after a pull: looking, pins, space, other sources, holds, peace. */
final class ImagePullerTest {
    private static final Reference PAUSE = Reference.parse("rancher/mirrored-pause:3.6");
    private static final Reference KUBECTL = Reference.parse("rancher/kubectl:v1.26.3");
    private static final RegistryHost SECOND = RegistryHost.parse("second.example:5000");
    private static final ManifestDigest ONE = new ManifestDigest("sha256:" + "1".repeat(64));
    private static final ManifestDigest TWO = new ManifestDigest("sha256:" + "2".repeat(64));
    private static final long GIB = 1L << 30;

    private final FakeRuntime runtime = new FakeRuntime();
    private final Map<Reference, Prospect> prospects = new HashMap<>();
    private final List<Duration> waits = new ArrayList<>();
    private final List<Reference> looked = new CopyOnWriteArrayList<>();
    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-20T12:00:00Z"));
    private final Board board = new Board();

    @Test
    void pullsTheBytesItLookedAtUnderTheNameThatPodsAskFor() throws IOException {
        present(KUBECTL, ONE, 1000);
        runtime.serves(KUBECTL.at(ONE));

        assertThat(keep(keeper(KUBECTL))).containsExactly(State.PRESENT);

        assertThat(runtime.calls()).contains("pull " + KUBECTL.at(ONE)).doesNotContain("pull " + KUBECTL);
        assertThat(runtime.find(KUBECTL)).isPresent();
    }

    @Test
    void asksNoRuntimeForWhatARegistryHasNot() throws IOException {
        prospects.put(
                KUBECTL, Prospect.without(Kind.MISSING, KUBECTL, "registry has no such manifest", Optional.empty()));

        List<ImageStatus> statuses = keeper(KUBECTL).build().keep(board);

        assertThat(statuses).extracting(ImageStatus::reason).containsExactly("registry has no such manifest");
        assertThat(runtime.calls()).noneMatch(call -> call.startsWith("pull"));
        assertThat(waits).isEmpty();
    }

    @Test
    void letsTheRuntimeTryWhatFarrierItselfCannotReach() throws IOException {
        prospects.put(
                KUBECTL, Prospect.without(Kind.UNREACHABLE, KUBECTL, "connect: no route to host", Optional.empty()));
        runtime.serves(KUBECTL);

        assertThat(keep(keeper(KUBECTL))).containsExactly(State.PRESENT);
    }

    /** Who repeats a refused login locks an account; who looked and was served knows that none was refused. */
    @Test
    void repeatsARefusedPullOnlyOnceItHasSeenTheImageItself() throws IOException {
        Prospect away = Prospect.without(Kind.UNREACHABLE, KUBECTL, "broke off", Optional.empty());
        prospects.put(KUBECTL, away);
        runtime.failsOnce(KUBECTL, "unauthorized").serves(KUBECTL).serves(KUBECTL.at(ONE));

        assertThat(keep(keeper(KUBECTL))).containsExactly(State.FAILED);

        runtime.failsOnce(KUBECTL, "unauthorized").beforePulls(reference -> present(KUBECTL, ONE, 1000));
        assertThat(keep(keeper(KUBECTL))).containsExactly(State.PRESENT);
        assertThat(runtime.calls())
                .filteredOn(call -> call.startsWith("pull"))
                .containsExactly("pull " + KUBECTL, "pull " + KUBECTL, "pull " + KUBECTL.at(ONE));
    }

    @Test
    void waitsAsLongAsABusyRegistrySays() throws IOException {
        prospects.put(
                KUBECTL, Prospect.without(Kind.BUSY, KUBECTL, "toomanyrequests", Optional.of(Duration.ofSeconds(40))));

        keep(keeper(KUBECTL));

        assertThat(waits)
                .hasSize(5)
                .allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(70)));
    }

    @Test
    void looksAtTheNextImageWhileOneIsPulled() throws Exception {
        present(PAUSE, ONE, 1000);
        present(KUBECTL, TWO, 1000);
        CountDownLatch lookedAtTheSecond = new CountDownLatch(1);
        List<Boolean> wasLookedAt = new ArrayList<>();
        runtime.serves(PAUSE.at(ONE)).serves(KUBECTL.at(TWO)).beforePulls(reference -> {
            if (reference.equals(PAUSE.at(ONE))) {
                wasLookedAt.add(lookedAtTheSecond.await(10, TimeUnit.SECONDS));
            }
        });

        List<State> states = keep(keeper(PAUSE, KUBECTL).lookingFirst(reference -> {
            if (reference.equals(KUBECTL)) {
                lookedAtTheSecond.countDown();
            }
            return prospects.get(reference);
        }));

        assertThat(states).containsOnly(State.PRESENT);
        assertThat(wasLookedAt).containsExactly(true);
    }

    // ---- pins

    @Test
    void pullsWhatIsPinnedByItsDigestAndNothingElse() throws IOException {
        present(KUBECTL.at(ONE), ONE, 1000);
        runtime.serves(KUBECTL.at(ONE));

        assertThat(keep(keeper(KUBECTL).locked(pinned(KUBECTL, ONE)))).containsExactly(State.PRESENT);

        assertThat(looked).containsExactly(KUBECTL.at(ONE));
    }

    @Test
    void anImageThatIsHereUnderAPinnedNameButIsAnotherOneIsMissing() throws IOException {
        runtime.holds(KUBECTL);
        ImageKeeper keeper = keeper(KUBECTL).locked(pinned(KUBECTL, ONE)).build();

        assertThat(keeper.check()).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(State.MISSING);
            assertThat(status.reason()).contains("the lock says " + ONE);
        });
    }

    // ---- other sources

    @Test
    void looksWhereTheRuntimeWouldLookMirrorsFirst() throws IOException {
        Sources sources = new Sources(
                Map.of(
                        "docker.io",
                        new FarrierConfig.Mirror(
                                List.of(URI.create("https://mirror.example:5000")),
                                Map.of("^rancher/(.*)", "copies/rancher/$1"))),
                List.of());
        Reference copy = Reference.parse("mirror.example:5000/copies/rancher/kubectl:v1.26.3");
        present(copy, ONE, 10);
        runtime.serves(KUBECTL.at(ONE));

        assertThat(keep(keeper(KUBECTL).from(sources))).containsExactly(State.PRESENT);
        assertThat(looked).containsExactly(copy);
    }

    @Test
    void takesFromAFallBackWhatItsRegistryLacksAndGivesItTheNameThatPodsAskFor() throws IOException {
        Reference copy = KUBECTL.under(SECOND);
        prospects.put(KUBECTL, Prospect.without(Kind.MISSING, KUBECTL, "manifest unknown", Optional.empty()));
        present(copy, TWO, 10);
        runtime.serves(copy.at(TWO));

        assertThat(keep(keeper(KUBECTL).from(new Sources(Map.of(), List.of(SECOND)))))
                .containsExactly(State.PRESENT);

        assertThat(runtime.calls()).contains("pull " + copy.at(TWO), "tag " + KUBECTL);
    }

    @Test
    void aFallBackGivesOnlyWhatIsPinned() throws IOException {
        prospects.put(KUBECTL.at(ONE), Prospect.without(Kind.MISSING, KUBECTL, "manifest unknown", Optional.empty()));
        present(KUBECTL.under(SECOND), TWO, 10);

        assertThat(keep(keeper(KUBECTL).locked(pinned(KUBECTL, ONE)).from(new Sources(Map.of(), List.of(SECOND)))))
                .containsExactly(State.FAILED);
        assertThat(looked).contains(KUBECTL.under(SECOND).at(ONE)).doesNotContain(KUBECTL.under(SECOND));
    }

    // ---- space

    @Test
    void beginsNothingThatDoesNotFit() throws IOException {
        present(KUBECTL, ONE, GIB);
        disk = Optional.of(new Space(Path.of("/var/lib/docker"), 100 * GIB, 3 * GIB));

        List<ImageStatus> statuses = keeper(KUBECTL).build().keep(board);

        assertThat(statuses).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(State.MISSING);
            assertThat(status.reason())
                    .contains("/var/lib/docker", "1024 MiB to download need about 4096 MiB", "only 3072 MiB are free");
        });
        assertThat(runtime.calls()).noneMatch(call -> call.startsWith("pull"));
    }

    @Test
    void stopsBelowTheThresholdOfTheGarbageCollectorButForPause() throws IOException {
        present(KUBECTL, ONE, GIB);
        present(PAUSE, TWO, 1 << 20);
        runtime.serves(PAUSE.at(TWO)).serves(KUBECTL.at(ONE));
        disk = Optional.of(new Space(Path.of("/var/lib/docker"), 100 * GIB, 21 * GIB));

        List<ImageStatus> statuses = keeper(KUBECTL, PAUSE).build().keep(board);

        assertThat(statuses).extracting(ImageStatus::state).containsExactly(State.PRESENT, State.MISSING);
        assertThat(statuses.get(1).reason()).contains("at 80 % farrier stops", "79 % full now");
    }

    @Test
    void stopsWhenTheWantedImagesHaveFilledTheirShare() throws IOException {
        runtime.serves(PAUSE).serves(KUBECTL);

        List<ImageStatus> statuses = ImageKeeper.of(runtime, wanted(PAUSE, KUBECTL), clock)
                .as(pulls(Hold.NONE, Optional.of(900L), 12), true)
                .at(1)
                .build()
                .keep(board);

        assertThat(statuses).extracting(ImageStatus::state).containsExactly(State.PRESENT, State.MISSING);
        assertThat(statuses.get(1).reason()).contains("images.max_bytes");
    }

    // ---- peace

    @Test
    void letsAnImageBeThatSomebodyRemovesAgainAndAgain() throws IOException {
        runtime.serves(KUBECTL);
        ImageKeeper keeper = ImageKeeper.of(runtime, wanted(KUBECTL), clock)
                .as(pulls(Hold.NONE, Optional.empty(), 3), true)
                .build();
        keeper.keep(board);
        for (int i = 0; i < 3; i++) {
            runtime.loses(KUBECTL);
            keeper.keep(board);
            assertThat(runtime.find(KUBECTL)).isPresent();
        }
        runtime.loses(KUBECTL);

        assertThat(keeper.keep(board)).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(State.FAILED);
            assertThat(status.reason()).contains("removed 3 times within an hour", "2026-11-20T13:00:00Z");
        });

        clock.advance(Duration.ofMinutes(61));
        assertThat(keeper.keep(board)).extracting(ImageStatus::state).containsExactly(State.PRESENT);
    }

    // ---- holds

    @Test
    void holdsAllWhereItCostsNothingAndThePauseImageWhereItCostsAContainer() throws IOException {
        runtime.holds(PAUSE).holds(KUBECTL);

        held(Hold.AUTO, true);
        assertThat(runtime.pinned()).containsExactly(PAUSE);

        held(Hold.AUTO, false);
        assertThat(runtime.pinned()).containsExactlyInAnyOrder(PAUSE, KUBECTL);

        held(Hold.NONE, false);
        assertThat(runtime.pinned()).isEmpty();
    }

    private void held(Hold hold, boolean isDocker) throws IOException {
        ImageKeeper.of(runtime, wanted(PAUSE, KUBECTL), clock)
                .as(pulls(hold, Optional.empty(), 12), isDocker)
                .build()
                .keep(board);
    }

    // ---- how

    private Optional<Space> disk = Optional.empty();

    private void present(Reference reference, ManifestDigest digest, long bytes) {
        Blob part = new Blob("layer", "sha256:" + "f".repeat(64), bytes);
        prospects.put(
                reference,
                new Prospect(Kind.PRESENT, reference, Optional.of(digest), List.of(part), "", Optional.empty()));
    }

    private static ImageLock pinned(Reference reference, ManifestDigest digest) {
        return new ImageLock(Map.of(reference, new Pin(digest, new ImageId("sha256:" + "c".repeat(64)))));
    }

    private static Pulls pulls(Hold hold, Optional<Long> maxBytes, int returns) {
        return new Pulls(
                List.of(), Path.of("/none"), hold, 85, maxBytes, Optional.empty(), returns, Duration.ofMinutes(2));
    }

    private ImageKeeper.Builder keeper(Reference... references) {
        return ImageKeeper.of(runtime, wanted(references), clock)
                .as(Pulls.DEFAULT, true)
                .lookingFirst(reference -> {
                    looked.add(reference);
                    return prospects.getOrDefault(
                            reference,
                            Prospect.without(Kind.MISSING, reference, "unknown to the test", Optional.empty()));
                })
                .on(() -> disk)
                .at(1)
                .pausing(new Pauses(new Random(1), waits::add));
    }

    private List<State> keep(ImageKeeper.Builder keeper) throws IOException {
        List<State> states =
                keeper.build().keep(board).stream().map(ImageStatus::state).toList();
        return states;
    }

    private static WantedImages wanted(Reference... references) {
        return WantedImages.of(List.of(references), List.of(), Optional.empty());
    }

    private static final class Board implements PullBoard {
        @Override
        public void progress(String reference, long doneBytes, long totalBytes, String note) {}

        @Override
        public void ended(ImageStatus status) {}
    }
}
